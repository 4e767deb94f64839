// Believes that the best descent begins at the highest hut.
#include <algorithm>
#include <iostream>
#include <numeric>
#include <vector>
using namespace std;

int main() {
    int n, m;
    cin >> n >> m;
    vector<int> h(n), order(n), far(n);
    for (int &x : h) cin >> x;
    vector<vector<pair<int, int>>> down(n);
    while (m--) {
        int a, b, l;
        cin >> a >> b >> l;
        a--, b--;
        if (h[a] < h[b]) swap(a, b);
        if (h[a] > h[b]) down[a].push_back({b, l});
    }
    iota(order.begin(), order.end(), 0);
    stable_sort(order.begin(), order.end(), [&](int a, int b) { return h[a] < h[b]; });
    for (int v : order)
        for (auto &[to, l] : down[v]) far[v] = max(far[v], far[to] + l);
    cout << far[order.back()] << endl;
}
