#include <algorithm>
#include <iostream>
#include <utility>
#include <vector>

std::vector<std::vector<std::pair<int, int>>> below;
std::vector<int> known;

int farthest(int hut) {
    int &best = known[hut];
    if (best < 0) {
        best = 0;
        for (auto [next, length] : below[hut]) best = std::max(best, length + farthest(next));
    }
    return best;
}

int main() {
    std::ios::sync_with_stdio(false);
    std::cin.tie(nullptr);
    int n, m;
    std::cin >> n >> m;
    std::vector<int> altitude(n);
    for (int &h : altitude) std::cin >> h;
    below.resize(n);
    known.assign(n, -1);
    for (int a, b, length; m > 0 && std::cin >> a >> b >> length; --m) {
        --a, --b;
        if (altitude[a] > altitude[b]) below[a].emplace_back(b, length);
        if (altitude[b] > altitude[a]) below[b].emplace_back(a, length);
    }
    int answer = 0;
    for (int hut = 0; hut < n; ++hut) answer = std::max(answer, farthest(hut));
    std::cout << answer << '\n';
}
