package dev.tether.core.simulation;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Sends datagrams over one link, and records what the receiver gets and what is lost on the way. */
final class LinkRun implements Link.Outcome {

    /** When each run begins, in nanoseconds. */
    static final long START_NS = 1_000_000_000L;

    /**
     * @param index which datagram this is, counted in the order of sending
     * @param sent what was sent
     * @param received what arrives
     */
    record Arrival(int index, byte[] sent, long sentNs, byte[] received, long atNs, Link.Alteration alteration) {

        long delayNs() {
            return atNs - sentNs;
        }
    }

    private final Link link;
    private final List<Arrival> arrivals = new ArrayList<>();
    private final List<DropCause> fates = new ArrayList<>();
    private final Map<DropCause, Integer> drops = new EnumMap<>(DropCause.class);
    private byte[] sending = new byte[0];
    private long nowNs = START_NS;

    LinkRun(LinkSettings settings, long seed) {
        link = new Link(settings, new SeededRandom(seed));
    }

    /** A run of datagrams of 100 bytes. */
    static LinkRun of(LinkSettings settings, long seed, int datagrams, long intervalNs) {
        return new LinkRun(settings, seed).send(datagrams, 100, intervalNs);
    }

    Link link() {
        return link;
    }

    long nowNs() {
        return nowNs;
    }

    LinkRun waitNs(long durationNs) {
        nowNs += durationNs;
        return this;
    }

    /** Sends, each time followed by the interval. */
    LinkRun send(int datagrams, int length, long intervalNs) {
        for (int i = 0; i < datagrams; i++) {
            sending = new byte[length];
            new SeededRandom(fates.size()).nextBytes(sending);
            int before = fates.size();
            fates.add(null);
            link.transmit(sending, nowNs, this);
            if (fates.size() != before + 1) {
                throw new AssertionError("a datagram has more than one fate");
            }
            nowNs += intervalNs;
        }
        return this;
    }

    @Override
    public void arrives(byte[] datagram, long atNs, Link.Alteration alteration) {
        arrivals.add(new Arrival(fates.size() - 1, sending, nowNs, datagram, atNs, alteration));
    }

    @Override
    public void dropped(DropCause cause) {
        drops.merge(cause, 1, Integer::sum);
        fates.set(fates.size() - 1, cause);
    }

    int sent() {
        return fates.size();
    }

    /** The arrivals in the order in which the link told them. */
    List<Arrival> arrivals() {
        return arrivals;
    }

    /** The arrivals in the order in which the receiver sees them. */
    List<Arrival> received() {
        return arrivals.stream().sorted(Comparator.comparingLong(Arrival::atNs)).toList();
    }

    List<Arrival> arrivals(Link.Alteration alteration) {
        return arrivals.stream()
                .filter(arrival -> arrival.alteration() == alteration)
                .toList();
    }

    int drops(DropCause cause) {
        return drops.getOrDefault(cause, 0);
    }

    int drops() {
        return drops.values().stream().mapToInt(Integer::intValue).sum();
    }

    /** For each datagram the cause of its drop, or null if it arrives. */
    List<DropCause> fates() {
        return fates;
    }
}
