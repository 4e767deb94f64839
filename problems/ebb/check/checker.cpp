// INPUT ANSWER OUTPUT: the fall, and two days on which it begins and ends. A right fall without right days is worth half.
#include <fstream>
#include <iostream>
#include <vector>

int main(int, char **words) {
    std::ifstream input(words[1]), answer(words[2]), output(words[3]);
    long long days, wanted, fall, from, to;
    if (!(input >> days) || !(answer >> wanted)) return 1;
    std::vector<long long> levels(days);
    for (auto &level : levels) input >> level;
    if (!(output >> fall) || fall != wanted) {
        std::cerr << "The fall is wrong.";
        std::cout << 0.0 << std::endl;
    } else if (!(output >> from >> to) || from < 0 || from > to || to >= days || levels[from] - levels[to] != wanted) {
        std::cerr << "The fall is right, the days are not.";
        std::cout << 0.5 << std::endl;
    } else {
        std::cerr << "Right.";
        std::cout << 1.0 << std::endl;
    }
}
