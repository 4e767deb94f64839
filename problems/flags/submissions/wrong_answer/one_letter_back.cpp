// Puts one flag back on board instead of all of them.
#include <iostream>
#include <string>

int main() {
    int locker[26], left[26], hoists = 1;
    for (int i = 0; i < 26; i++) {
        std::cin >> locker[i];
        left[i] = locker[i];
    }
    std::string s;
    std::cin >> s;
    for (char ch : s) {
        int c = ch - 'a';
        if (!locker[c]) {
            std::cout << "swim\n";
            return 0;
        }
        if (!left[c]) hoists++, left[c] = locker[c];
        left[c]--;
    }
    std::cout << hoists << "\n";
}
