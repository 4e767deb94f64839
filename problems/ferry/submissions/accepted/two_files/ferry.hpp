#pragma once

class Ferry {
public:
    explicit Ferry(int lane) : lane_(lane), left_(lane) {}
    void board(int length);
    void cross();
    int crossings() const { return crossings_; }
    int emptiest() const { return emptiest_; }

private:
    int lane_, left_, crossings_ = 0, emptiest_ = 0;
};
