package dev.tether.examples.perf;

/**
 * What has arrived in one direction, counted by the receiving application.
 *
 * @param bytes of the messages
 * @param messages their number
 * @param seconds from the first to the end of the last
 * @param megabytesPerSecond 10^6 bytes a second
 * @param messagesPerSecond messages a second
 */
public record Throughput(
        long bytes, long messages, double seconds, double megabytesPerSecond, double messagesPerSecond) {

    static Throughput of(long bytes, long messages, long nanos) {
        double seconds = Math.max(1, nanos) / 1e9;
        return new Throughput(bytes, messages, seconds, bytes / 1e6 / seconds, messages / seconds);
    }
}
