package dev.tether.core.path;

import dev.tether.core.CandidateAddress;
import dev.tether.core.PeerIdentity;
import dev.tether.core.RandomSource;
import dev.tether.core.frame.PunchOffer;
import dev.tether.core.protection.PunchMac;
import dev.tether.core.wire.PunchDatagram;
import io.netty.util.collection.IntObjectHashMap;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One attempt of two introduced peers to reach each other through the NATs and firewalls between them; both sides run one. Each
 * sends probes to all addresses of the other, which open the way for the other's, and answers those that it gets. An address
 * from which a reply to a probe comes works both ways. docs/PROTOCOL.md, section 12.2; after ICE (RFC 8445).
 *
 * <p>A state machine like a connection: after {@link #handleDatagram} or {@link #handleTimeout}, and after it is made, call {@link
 * #pollTransmit} until it is null, look at {@link #result()}, and call {@link #handleTimeout} at {@link #nextTimeoutNs()}. After
 * the result it goes on answering, as the peer may not know yet; it is up to its owner when to drop it, at least {@link
 * #LINGER_NS} after the result. What it remembers is bounded, whatever arrives. Not thread-safe.
 */
public final class PunchSession {

    /** How long an attempt lasts at the most, in nanoseconds. */
    public static final long TIMEOUT_NS = TimeUnit.SECONDS.toNanos(5);

    /** For how long after its result a session still has to answer: the peer may have begun, or lost replies, that much later. */
    public static final long LINGER_NS = TIMEOUT_NS;

    /** The pause after the first probe of an address; each further one is longer, up to {@link #MAX_PAUSE_NS}. */
    public static final long FIRST_PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(50);

    /** The longest pause between two probes of an address. */
    public static final long MAX_PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(500);

    /** By how much each pause is longer than the one before. */
    public static final double PAUSE_GROWTH = 1.5;

    /** For how long a better address is waited for after the first good one. */
    static final long PREFERENCE_NS = TimeUnit.MILLISECONDS.toNanos(60);

    /** Probes to one address. */
    static final int MAX_PROBES = 60;

    /** Addresses that the peer was not announced at and is heard from. */
    static final int MAX_REFLEXIVE = 8;

    /** More than a peer sends that keeps to {@link #MAX_PROBES}. */
    static final int MAX_SEEN = 1024;

    private static final double JITTER = 0.2;

    /** A probe whose reply is awaited. */
    private record Probe(PunchCandidate candidate, long sentNs) {}

    private final PunchMac mac;
    private final PunchMac.Role own;
    private final PunchOffer ownOffer;
    private final PunchOffer peersOffer;
    private final RandomSource random;
    private final long deadlineNs;
    private final boolean loopback;
    private final List<PunchCandidate> candidates = new ArrayList<>();
    private final IntObjectHashMap<Probe> probes = new IntObjectHashMap<>();
    private final IntObjectHashMap<Boolean> seen = new IntObjectHashMap<>();
    private final ArrayDeque<PunchTransmit> replies = new ArrayDeque<>();
    private final PunchBudget budget = new PunchBudget();
    private final PunchCounters counters = new PunchCounters();
    private int reflexive;
    private boolean heard;
    private long decisionNs = Long.MAX_VALUE;
    private @Nullable PunchResult result;

    private PunchSession(
            PunchMac mac,
            PunchMac.Role own,
            PunchOffer ownOffer,
            PunchOffer peersOffer,
            RandomSource random,
            long nowNs) {
        this.mac = mac;
        this.own = own;
        this.ownOffer = ownOffer;
        this.peersOffer = peersOffer;
        this.random = random;
        this.deadlineNs = nowNs + TIMEOUT_NS;
        this.loopback = ownOffer.candidates().stream()
                .anyMatch(candidate -> candidate.getAddress().isLoopbackAddress());
        for (InetSocketAddress address : peersOffer.candidates()) {
            if (find(address) == null && CandidateAddress.isUsable(address, loopback)) {
                add(address, nowNs);
            }
        }
    }

    /**
     * The session of the side that has asked to be introduced, to be started when the answer is there.
     *
     * @param ownOffer what was sent to the gateway
     * @param targetsOffer what the gateway has sent of the target
     */
    public static PunchSession ofRequester(
            PeerIdentity self,
            PunchOffer ownOffer,
            PeerIdentity target,
            PunchOffer targetsOffer,
            RandomSource random,
            long nowNs) {
        PunchMac mac = new PunchMac(self, target, ownOffer.nonce(), targetsOffer.nonce());
        return new PunchSession(mac, PunchMac.Role.REQUESTER, ownOffer, targetsOffer, random, nowNs);
    }

    /**
     * The session of the side that has consented, to be started when it sends its answer.
     *
     * @param ownOffer what is sent to the gateway
     * @param requestersOffer what the gateway has sent of the requester
     */
    public static PunchSession ofTarget(
            PeerIdentity self,
            PunchOffer ownOffer,
            PeerIdentity requester,
            PunchOffer requestersOffer,
            RandomSource random,
            long nowNs) {
        PunchMac mac = new PunchMac(requester, self, requestersOffer.nonce(), ownOffer.nonce());
        return new PunchSession(mac, PunchMac.Role.TARGET, ownOffer, requestersOffer, random, nowNs);
    }

    // Getters

    /** What {@link PunchDatagram#tag} is in the punches of this attempt, both sides': by it they are told from others'. */
    public int tag() {
        return mac.tag();
    }

    /** What has become of the attempt; null as long as that is open. It does not change any more. */
    public @Nullable PunchResult result() {
        return result;
    }

    public PunchCounters counters() {
        return counters;
    }

    /** When {@link #handleTimeout} is due; {@link Long#MAX_VALUE} for never. */
    public long nextTimeoutNs() {
        if (result != null) {
            return Long.MAX_VALUE;
        }
        long next = endNs();
        for (PunchCandidate candidate : candidates) {
            if (candidate.mayBeProbed()) {
                next = Math.min(next, candidate.nextProbeNs);
            }
        }
        return next;
    }

    // Inputs

    /**
     * Takes in a datagram of type {@link dev.tether.core.wire.DatagramType#PUNCH}. What the peer has not made for this attempt, or
     * what was there before, has no effect but a count.
     *
     * @param datagram read during the call only
     * @param from where it came from
     */
    public void handleDatagram(byte[] datagram, int offset, int length, InetSocketAddress from, long nowNs) {
        if (!PunchDatagram.isWellFormed(datagram, offset, length)
                || PunchDatagram.tag(datagram, offset) != mac.tag()
                || !mac.verify(datagram, offset, own.other())) {
            counters.unauthenticated++;
            return;
        }
        heard = true;
        int number = PunchDatagram.number(datagram, offset);
        if (PunchDatagram.isReply(datagram, offset)) {
            onReply(number, from, nowNs);
        } else {
            onProbe(number, from, nowNs);
        }
    }

    /** Lets pass what is due at {@code nowNs}; harmless if nothing is. */
    public void handleTimeout(long nowNs) {
        if (result == null && nowNs >= endNs()) {
            result = decide();
            probes.clear();
        }
    }

    // Outputs

    /** The next punch that is to be sent now, or null. */
    public @Nullable PunchTransmit pollTransmit(long nowNs) {
        PunchTransmit reply = replies.poll();
        if (reply != null || result != null || nowNs >= endNs()) {
            return reply;
        }
        for (PunchCandidate candidate : candidates) {
            if (candidate.mayBeProbed() && candidate.nextProbeNs <= nowNs) {
                scheduleNext(candidate, nowNs);
                if (budget.tryTake(candidate.address.getAddress(), PunchDatagram.LENGTH)) {
                    return probe(candidate, nowNs);
                }
                counters.withheld++;
            }
        }
        return null;
    }

    private PunchTransmit probe(PunchCandidate candidate, long nowNs) {
        int number;
        do {
            number = (int) random.nextLong();
        } while (probes.containsKey(number));
        probes.put(number, new Probe(candidate, nowNs));
        counters.probesSent++;
        return punch(PunchDatagram.PROBE, number, candidate.address);
    }

    private PunchTransmit punch(int kind, int number, InetSocketAddress to) {
        byte[] datagram = PunchDatagram.of(kind, mac.tag(), number);
        mac.seal(datagram, own);
        return new PunchTransmit(to, datagram);
    }

    private void scheduleNext(PunchCandidate candidate, long nowNs) {
        candidate.probes++;
        double jitter = 1 - JITTER + 2 * JITTER * random.nextDouble();
        candidate.nextProbeNs = nowNs + (long) (candidate.pauseNs * jitter);
        candidate.pauseNs = Math.min(MAX_PAUSE_NS, (long) (candidate.pauseNs * PAUSE_GROWTH));
    }

    private void onProbe(int number, InetSocketAddress from, long nowNs) {
        if (seen.containsKey(number) || seen.size() == MAX_SEEN) {
            counters.replayedProbes++;
            return;
        }
        PunchCandidate candidate = findOrAdd(from, nowNs);
        if (candidate == null) {
            counters.excessAddresses++;
            return;
        }
        seen.put(number, Boolean.TRUE);
        if (budget.tryTake(from.getAddress(), PunchDatagram.LENGTH)) {
            replies.add(punch(PunchDatagram.REPLY, number, from));
            counters.repliesSent++;
        } else {
            counters.withheld++;
        }
        // What has come from there has passed this side's NAT, and has opened the peer's: now a probe is likely to get
        // through.
        candidate.nextProbeNs = nowNs;
    }

    /** RFC 8445 §7.2.5.2.1: a reply counts only if it comes from where the probe went. */
    private void onReply(int number, InetSocketAddress from, long nowNs) {
        Probe probe = probes.get(number);
        if (probe == null || !probe.candidate.address.equals(from)) {
            counters.strayReplies++;
            return;
        }
        probes.remove(number);
        PunchCandidate candidate = probe.candidate;
        candidate.good = true;
        candidate.roundTripNs = Math.min(candidate.roundTripNs, nowNs - probe.sentNs);
        budget.lift(from.getAddress());
        if (result == null) {
            decisionNs = Math.min(decisionNs, candidate.near ? nowNs : nowNs + PREFERENCE_NS);
            handleTimeout(nowNs);
        }
    }

    /** Of the good addresses, one in the own network before others, then the one with the shortest round trip. */
    private PunchResult decide() {
        PunchCandidate best = null;
        for (PunchCandidate candidate : candidates) {
            if (candidate.good && (best == null || candidate.isBetterThan(best))) {
                best = candidate;
            }
        }
        return best == null
                ? new PunchResult.NotReached(
                        ownOffer.natBehaviour(), peersOffer.natBehaviour(), candidates.size(), heard)
                : new PunchResult.Reached(best.address, best.roundTripNs);
    }

    /** When the result is due. */
    private long endNs() {
        return decisionNs == Long.MAX_VALUE ? deadlineNs : decisionNs;
    }

    private @Nullable PunchCandidate findOrAdd(InetSocketAddress address, long nowNs) {
        PunchCandidate known = find(address);
        if (known != null) {
            return known;
        }
        if (reflexive == MAX_REFLEXIVE || !CandidateAddress.isUsable(address, loopback)) {
            return null;
        }
        reflexive++;
        return add(address, nowNs);
    }

    private @Nullable PunchCandidate find(InetSocketAddress address) {
        for (PunchCandidate candidate : candidates) {
            if (candidate.address.equals(address)) {
                return candidate;
            }
        }
        return null;
    }

    private PunchCandidate add(InetSocketAddress address, long nowNs) {
        boolean near = ownOffer.candidates().stream()
                .anyMatch(mine -> CandidateAddress.areNear(mine.getAddress(), address.getAddress()));
        PunchCandidate candidate = new PunchCandidate(address, near, nowNs);
        candidates.add(candidate);
        return candidate;
    }
}
