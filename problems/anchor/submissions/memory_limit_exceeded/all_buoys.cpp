// Writes down every dive for every buoy.
#include <cstring>
#include <iostream>
#include <vector>

int main() {
    int n;
    std::cin >> n;
    std::vector<char *> notes;
    for (int i = 0; i < 1024; ++i) notes.push_back(static_cast<char *>(std::memset(new char[1 << 20], i % 100 + 1, 1 << 20)));
    std::cout << "! " << notes.size() << std::endl;
}
