package dev.tether.examples.simulate.report;

/**
 * The time of a history, cut into equal parts, so that a series has as many points however long it is.
 *
 * @param widthNs how long each is
 */
record Buckets(long widthNs) {

    /** How many points a series has at most. */
    static final int COUNT = 1000;

    static Buckets of(long durationNs) {
        return new Buckets(Math.max(1, (durationNs + COUNT - 1) / COUNT));
    }

    /** Of the moment {@code timeNs}; what is later than the end falls into the last one. */
    int index(long timeNs) {
        return (int) Math.max(0, Math.min(COUNT - 1, timeNs / widthNs));
    }

    double widthSeconds() {
        return widthNs / 1e9;
    }
}
