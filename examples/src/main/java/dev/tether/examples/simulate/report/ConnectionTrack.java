package dev.tether.examples.simulate.report;

import dev.tether.core.connection.Connection;
import dev.tether.core.connection.ConnectionCounters;
import dev.tether.core.connection.DeliveryReading;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What one connection did over time, at one of its ends. Its memory is bounded. */
final class ConnectionTrack {

    /** A connection that flaps for longer is drawn up to there. */
    private static final int MAX_SPANS = 500;

    private final String host;
    private final String peer;
    private final Buckets buckets;
    private final long[] sent = new long[Buckets.COUNT];
    private final long[] received = new long[Buckets.COUNT];
    private final long[] lost = new long[Buckets.COUNT];
    private final long[] rttNs = new long[Buckets.COUNT];
    private final long[] window = new long[Buckets.COUNT];
    private final long[] inFlightMax = new long[Buckets.COUNT];
    private final long[] inFlightLast = new long[Buckets.COUNT];
    private final boolean[] sampled = new boolean[Buckets.COUNT];
    private final List<Span> spans = new ArrayList<>();
    private @Nullable End end;
    private boolean cut;

    ConnectionTrack(String host, String peer, Buckets buckets) {
        this.host = host;
        this.peer = peer;
        this.buckets = buckets;
    }

    /** From when on it was in a state. */
    record Span(String state, double from) {}

    /** How it ended. */
    record End(double at, boolean failed, String cause) {}

    /** Whose it is, and with whom. */
    String label() {
        return host + " → " + peer;
    }

    void sample(Connection connection, long timeNs) {
        ConnectionCounters counters = connection.counters();
        sample(timeNs, counters.bytesSent, counters.bytesReceived, counters.packetsLost, connection.delivery());
    }

    /** The counters so far, and how the sending side stands. */
    void sample(long timeNs, long bytesSent, long bytesReceived, long packetsLost, DeliveryReading delivery) {
        int i = buckets.index(timeNs);
        sent[i] = bytesSent;
        received[i] = bytesReceived;
        lost[i] = packetsLost;
        rttNs[i] = delivery.minRttNs() == 0 ? 0 : delivery.smoothedRttNs();
        window[i] = delivery.congestionWindow();
        inFlightLast[i] = delivery.bytesInFlight();
        inFlightMax[i] = Math.max(inFlightMax[i], inFlightLast[i]);
        sampled[i] = true;
    }

    void enter(String state, long timeNs) {
        if (spans.size() >= MAX_SPANS) {
            cut = true;
        } else if (spans.isEmpty() || !spans.get(spans.size() - 1).state().equals(state)) {
            spans.add(new Span(state, timeNs / 1e9));
        }
    }

    void end(long timeNs, @Nullable String failure) {
        if (end == null) {
            end = new End(timeNs / 1e9, failure != null, failure == null ? "closed" : failure);
        }
    }

    /**
     * The series: rates from differences of counters, the last value where nothing was sampled.
     *
     * @param lastNs when the history ended
     */
    History.Series series(int number, long lastNs) {
        int first = 0;
        while (first < Buckets.COUNT - 1 && !sampled[first]) {
            first++;
        }
        int last = buckets.index(end == null ? lastNs : Math.min(lastNs, (long) (end.at() * 1e9)));
        int length = sampled[first] ? Math.max(1, last - first + 1) : 0;
        History.Series series = new History.Series(
                number,
                host,
                peer,
                first,
                new double[length],
                new double[length],
                new double[length],
                new double[length],
                new long[length],
                new long[length],
                List.copyOf(spans),
                cut,
                end);
        long sentBefore = 0;
        long receivedBefore = 0;
        long lostBefore = 0;
        int known = first;
        for (int i = 0; i < length; i++) {
            known = sampled[first + i] ? first + i : known;
            series.sent()[i] = rate(sent[known] - sentBefore);
            series.received()[i] = rate(received[known] - receivedBefore);
            series.lost()[i] = rate(lost[known] - lostBefore);
            series.rttMs()[i] = Math.round(rttNs[known] / 1e3) / 1e3;
            series.window()[i] = window[known];
            // The most within a bucket, but what is left of it is what lasts.
            series.inFlight()[i] = known == first + i ? inFlightMax[known] : inFlightLast[known];
            sentBefore = sent[known];
            receivedBefore = received[known];
            lostBefore = lost[known];
        }
        return series;
    }

    /** Per second, rounded as it is drawn. */
    private double rate(long difference) {
        return Math.round(100 * difference / buckets.widthSeconds()) / 100.0;
    }
}
