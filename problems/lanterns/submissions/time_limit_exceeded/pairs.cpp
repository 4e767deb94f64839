#include <cstdlib>
#include <iostream>
#include <vector>
using namespace std;

int main() {
    ios::sync_with_stdio(false);
    int n, d;
    cin >> n >> d;
    vector<int> h(n);
    for (int &x : h) cin >> x;
    long long knots = 0;
    for (int i = 0; i < n; i++)
        for (int j = i + 1; j < n; j++)
            if (abs(h[i] - h[j]) == d) knots++;
    cout << knots << endl;
}
