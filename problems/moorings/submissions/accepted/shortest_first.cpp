#include <algorithm>
#include <vector>

int moored(long long quay, const std::vector<int> &boats)
{
    std::vector<int> line = boats;
    std::sort(line.begin(), line.end());
    long long used = -1;
    int count = 0;
    for (int boat : line) {
        used += boat + 1;
        if (used > quay)
            break;
        ++count;
    }
    return count;
}
