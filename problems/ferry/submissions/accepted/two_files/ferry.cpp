#include "ferry.hpp"

#include <algorithm>

void Ferry::board(int length) {
    if (length > left_) cross();
    left_ -= length;
}

void Ferry::cross() {
    ++crossings_;
    emptiest_ = std::max(emptiest_, left_);
    left_ = lane_;
}
