// Called as: dive INPUT ANSWER FEEDBACKDIR/, its standard input and output being those of the team, crossed.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>

namespace {

std::string feedback_directory;

[[noreturn]] void leave(int code, const std::string &message) {
    std::ofstream(feedback_directory + "/judgemessage.txt") << message << '\n';
    std::exit(code);
}

bool buoy(const std::string &word, long long n, long long &number) {
    if (word.empty() || word.size() > 7 || word.find_first_not_of("0123456789") != std::string::npos) return false;
    number = std::stoll(word);
    return number >= 1 && number <= n;
}

}  // namespace

int main(int argc, char **argv) {
    if (argc < 4) return 1;
    feedback_directory = argv[3];
    long long n, anchor, number;
    if (!(std::ifstream(argv[1]) >> n >> anchor)) return 1;
    std::cout << n << std::endl;
    std::string what, word;
    for (int dives = 0;;) {
        if (!(std::cin >> what)) leave(43, "the team ended without telling a place, after " + std::to_string(dives) + " dives");
        if (what != "?" && what != "!") leave(43, "a line that begins with neither ? nor !");
        if (!(std::cin >> word) || !buoy(word, n, number)) leave(43, "not the number of a buoy");
        if (what == "!") {
            if (number != anchor) leave(43, "buoy " + word + " instead of " + std::to_string(anchor));
            if (std::cin >> word) leave(43, "more after the place was told");
            leave(42, std::to_string(dives) + " dives");
        }
        if (++dives > 20) leave(43, "more than 20 dives");
        std::cout << (anchor < number ? "west" : anchor > number ? "east" : "here") << std::endl;
    }
}
