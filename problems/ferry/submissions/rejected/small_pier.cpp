// Room for a hundred cars only; whatever happens after that, it is not an accepted run.
#include <iostream>
#include <vector>

int main() {
    int n, d;
    std::cin >> n >> d;
    std::vector<int> cars(100);
    for (int i = 0; i < n; i++) std::cin >> cars.at(i);
    int trips = 0, emptiest = 0;
    for (int i = 0; i < n; trips++) {
        int left = d;
        while (i < n && cars.at(i) <= left) left -= cars.at(i++);
        emptiest = left > emptiest ? left : emptiest;
    }
    std::cout << trips << ' ' << emptiest << '\n';
}
