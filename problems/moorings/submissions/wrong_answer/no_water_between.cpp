#include <algorithm>
#include <vector>

int moored(long long quay, const std::vector<int> &boats)
{
    std::vector<int> line = boats;
    std::sort(line.begin(), line.end());
    int count = 0;
    for (int boat : line) {
        if ((quay -= boat) < 0)
            break;
        ++count;
    }
    return count;
}
