// The table ends at midnight, the nap does not.
#include <iostream>
#include <vector>

int main() {
    std::vector<int> strokes(24 * 60);
    for (int half = 0; half < 48; ++half)
        strokes[half * 30] = half % 2 ? 1 : (half / 2 + 11) % 12 + 1;
    int a, b, c, d;
    char colon;
    std::cin >> a >> colon >> b >> c >> colon >> d;
    int from = a * 60 + b, to = c * 60 + d, heard = 0;
    if (to < from) to += 24 * 60;
    while (from <= to) heard += strokes.at(from++);
    std::cout << heard << std::endl;
}
