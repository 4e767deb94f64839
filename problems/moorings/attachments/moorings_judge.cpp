#include <iostream>
#include <vector>

int moored(long long quay, const std::vector<int> &boats);

int main()
{
    std::ios::sync_with_stdio(false);
    long long quay;
    int count;
    std::cin >> quay >> count;
    std::vector<int> boats(count);
    for (int &boat : boats)
        std::cin >> boat;
    std::cout << moored(quay, boats) << std::endl;
}
