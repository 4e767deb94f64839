// Opens a fresh crate even when the last one is just full.
#include <iostream>
using namespace std;

int main() {
    long long a, c;
    cin >> a >> c;
    cout << a / c + 1 << " " << c - a % c << endl;
}
