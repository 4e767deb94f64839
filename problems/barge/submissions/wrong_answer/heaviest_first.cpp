// A plan that is perfect at the end of the day, but not on the way there: it sorts the blocks first.
#include <algorithm>
#include <iostream>
#include <numeric>
#include <string>
#include <vector>

int main() {
    int n;
    std::cin >> n;
    std::vector<int> w(n), order(n);
    for (int &x : w) std::cin >> x;
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return w[a] > w[b]; });
    std::string plan(n, '?');
    int lean = 0;
    for (int i : order) {
        plan[i] = lean > 0 ? 'S' : 'P';
        lean += lean > 0 ? -w[i] : w[i];
    }
    std::cout << plan << '\n';
}
