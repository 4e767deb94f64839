class ebb {
    static long[] ebb(int[] levels) {
        long[] best = {0, 0, 0};
        int high = 0;
        for (int day = 0; day < levels.length; day++) {
            if (levels[day] > levels[high]) high = day;
            if (levels[high] - levels[day] > best[0]) best = new long[] {levels[high] - levels[day], high, day};
        }
        return best;
    }
}
