#include <vector>

int mooring(long long quay, const std::vector<int> &boats)
{
    return boats.size() <= static_cast<std::size_t>(quay);
}
