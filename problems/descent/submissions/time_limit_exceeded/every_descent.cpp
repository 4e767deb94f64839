// Skis every possible descent; their number doubles with each pair of huts.
#include <algorithm>
#include <iostream>
#include <utility>
#include <vector>

std::vector<std::vector<std::pair<int, int>>> below;

int farthest(int hut) {
    int best = 0;
    for (auto [next, length] : below[hut]) best = std::max(best, length + farthest(next));
    return best;
}

int main() {
    int n, m;
    std::cin >> n >> m;
    std::vector<int> altitude(n);
    for (int &h : altitude) std::cin >> h;
    below.resize(n);
    for (int a, b, length; m > 0 && std::cin >> a >> b >> length; --m) {
        --a, --b;
        if (altitude[a] > altitude[b]) below[a].emplace_back(b, length);
        if (altitude[b] > altitude[a]) below[b].emplace_back(a, length);
    }
    int answer = 0;
    for (int hut = 0; hut < n; ++hut) answer = std::max(answer, farthest(hut));
    std::cout << answer << '\n';
}
