package dev.tether.core.endpoint;

import dev.tether.core.simulation.SeededRandom;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.function.Predicate;

/** A network in virtual time that loses, delays, reorders, duplicates and corrupts datagrams as its seed decides. */
final class LossyNetwork {

    /** The faults; each of the first four is a probability. */
    record Faults(double loss, double duplication, double corruption, double reordering, long latencyNs) {

        static final Faults NONE = new Faults(0, 0, 0, 0, 1_000_000);

        static Faults drawn(SeededRandom random) {
            return new Faults(
                    0.30 * random.nextDouble(),
                    0.10 * random.nextDouble(),
                    0.05 * random.nextDouble(),
                    0.20 * random.nextDouble(),
                    100_000 + random.nextInt(50_000_000));
        }
    }

    /** A datagram that a peer has sent. */
    record Sent(InetSocketAddress from, InetSocketAddress to, byte[] datagram) {
        /** One of {@link dev.tether.core.wire.DatagramType}. */
        int type() {
            return datagram[0];
        }
    }

    /** Decides what becomes of each datagram, before chance does. */
    @FunctionalInterface
    interface Script {
        long LOST = -1;

        /** For how long a datagram is held up beyond the latency, in nanoseconds; {@link #LOST} if it never arrives. */
        long delayNs(Sent sent);
    }

    private record InFlight(
            long arrivalNs, long sequence, InetSocketAddress from, InetSocketAddress to, byte[] datagram)
            implements Comparable<InFlight> {
        @Override
        public int compareTo(InFlight other) {
            int byTime = Long.compare(arrivalNs, other.arrivalNs);
            return byTime != 0 ? byTime : Long.compare(sequence, other.sequence);
        }
    }

    private final SeededRandom random;
    private final PriorityQueue<InFlight> inFlight = new PriorityQueue<>();
    private final Map<InetSocketAddress, EnginePeer> peers = new HashMap<>();
    private Faults faults;
    private Script script = sent -> 0;
    private long sequence;
    private long nowNs = 1_000_000_000L;
    private long datagramsCarried;

    LossyNetwork(SeededRandom random, Faults faults) {
        this.random = random;
        this.faults = faults;
    }

    long nowNs() {
        return nowNs;
    }

    long datagramsCarried() {
        return datagramsCarried;
    }

    void setFaults(Faults faults) {
        this.faults = faults;
    }

    /** Drops what the predicate is true for. Takes the place of the script. */
    void setBlackHole(Predicate<byte[]> blackHole) {
        setScript(sent -> blackHole.test(sent.datagram()) ? Script.LOST : 0);
    }

    /** Has what is sent from now on go through the script. */
    void setScript(Script script) {
        this.script = script;
    }

    void attach(EnginePeer peer) {
        peers.put(peer.address(), peer);
    }

    void detach(EnginePeer peer) {
        peers.remove(peer.address(), peer);
    }

    void send(InetSocketAddress from, InetSocketAddress to, byte[] datagram) {
        datagramsCarried++;
        long heldUpNs = script.delayNs(new Sent(from, to, datagram));
        if (heldUpNs == Script.LOST || random.chance(faults.loss)) {
            return;
        }
        int copies = random.chance(faults.duplication) ? 2 : 1;
        for (int i = 0; i < copies; i++) {
            byte[] copy = datagram.clone();
            if (random.chance(faults.corruption)) {
                copy[random.nextInt(copy.length)] ^= (byte) (1 << random.nextInt(8));
            }
            long delayNs = faults.latencyNs + heldUpNs;
            if (random.chance(faults.reordering)) {
                delayNs += (long) (2 * random.nextDouble() * faults.latencyNs);
            }
            inject(from, to, copy, delayNs);
        }
    }

    /** Has a datagram arrive, wherever it comes from. */
    void inject(InetSocketAddress from, InetSocketAddress to, byte[] datagram, long delayNs) {
        inFlight.add(new InFlight(nowNs + delayNs, sequence++, from, to, datagram));
    }

    /** Lets the next thing happen: a datagram arrives, or a timer fires; false if nothing will by {@code limitNs}. */
    boolean step(long limitNs) {
        long timerNs = Long.MAX_VALUE;
        for (EnginePeer peer : peers.values()) {
            timerNs = Math.min(timerNs, peer.nextTimeoutNs());
        }
        InFlight next = inFlight.peek();
        long arrivalNs = next == null ? Long.MAX_VALUE : next.arrivalNs;
        long whenNs = Math.min(timerNs, arrivalNs);
        if (whenNs > limitNs) {
            nowNs = Math.max(nowNs, limitNs);
            return false;
        }
        nowNs = Math.max(nowNs, whenNs);
        if (arrivalNs <= timerNs) {
            inFlight.remove();
            EnginePeer peer = peers.get(next.to);
            if (peer != null) {
                peer.handle(next.datagram, next.from, nowNs);
            }
        } else {
            for (EnginePeer peer : peers.values().toArray(new EnginePeer[0])) {
                peer.handleTimeouts(nowNs);
            }
        }
        return true;
    }

    /** Runs until nothing happens any more or the time has passed. */
    void run(long durationNs) {
        long limitNs = nowNs + durationNs;
        while (step(limitNs)) {}
    }
}
