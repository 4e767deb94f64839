// reach[i]: how far a hoist that begins at i can go. It is found from the right: the flag that stops it is the
// k-th later occurrence of its own letter, or whatever stops the hoist that begins at i + 1.
#include <algorithm>
#include <array>
#include <iostream>
#include <string>
#include <vector>

int main() {
    std::ios::sync_with_stdio(false);
    std::array<std::size_t, 26> flags;
    for (auto &k : flags) std::cin >> k;
    std::string text;
    std::cin >> text;
    const std::size_t n = text.size();
    std::array<std::vector<std::size_t>, 26> later;
    std::vector<std::size_t> reach(n + 1, n);
    for (std::size_t i = n; i-- > 0;) {
        const int c = text[i] - 'a';
        if (flags[c] == 0) {
            std::cout << "swim\n";
            return 0;
        }
        later[c].push_back(i);
        reach[i] = reach[i + 1];
        if (later[c].size() > flags[c]) reach[i] = std::min(reach[i], later[c][later[c].size() - 1 - flags[c]]);
    }
    int hoists = 0;
    for (std::size_t i = 0; i < n; i = reach[i]) ++hoists;
    std::cout << hoists << '\n';
}
