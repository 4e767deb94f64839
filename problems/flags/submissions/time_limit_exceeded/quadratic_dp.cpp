// best[i] = 1 + the smallest best[j] over all last hoists j .. i - 1; right, but quadratic.
#include <algorithm>
#include <iostream>
#include <string>
#include <vector>

int main() {
    std::vector<int> locker(26);
    for (int &k : locker) std::cin >> k;
    std::string s;
    std::cin >> s;
    const int n = static_cast<int>(s.size()), never = n + 1;
    std::vector<int> best(n + 1, never);
    best[0] = 0;
    for (int i = 1; i <= n; ++i) {
        std::vector<int> left = locker;
        for (int j = i - 1; j >= 0 && left[s[j] - 'a']-- > 0; --j) best[i] = std::min(best[i], best[j] + 1);
    }
    if (best[n] >= never)
        std::cout << "swim\n";
    else
        std::cout << best[n] << '\n';
}
