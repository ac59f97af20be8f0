package dev.tether.core.path;

import dev.tether.core.RandomSource;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Where the packets of a connection go, and when they go elsewhere. The newest packet decides: if it came from another
 * address, that address is a candidate, and both it and the present one are challenged. RFC 9000 §9.
 *
 * <ul>
 *   <li>The candidate answers: packets go there from now on.
 *   <li>The present address answers: packets stay, or go back. The peer is still there, so that the candidate may be somebody
 *       who forwards copies of its packets (RFC 9000 §9.3.3), or the way there is as good as before. That candidate is passed
 *       over for a while.
 *   <li>The newest packet comes from the present address again: there is no candidate any more.
 * </ul>
 *
 * <p>Until a candidate has answered, no more than challenges go there, within the limit of {@link AmplificationLimit}. What
 * the peer's own challenges ask for is answered to where each came from, once, with no more bytes. Not thread-safe.
 */
public final class Paths {

    /** How long an address is passed over from which packets came while the peer was at the present one. */
    private static final long PASSED_OVER_NS = TimeUnit.SECONDS.toNanos(1);

    /** To what length a packet with a challenge or an answer is filled up, so that it proves the size, too. RFC 9000 §8.2.1. */
    private static final int FULL_LENGTH = 1200;

    /** What is to be sent to an address, in a packet of its own. */
    public enum Frame {
        CHALLENGE,
        RESPONSE
    }

    /**
     * A packet that is to be sent outside of the connection's traffic.
     *
     * @param data of the frame
     * @param length to which the datagram is filled up, in bytes
     */
    public record Probe(InetSocketAddress to, Frame frame, long data, int length) {}

    private final RandomSource random;
    private final int leastLength;
    private InetSocketAddress active;

    private @Nullable InetSocketAddress candidate;
    private @Nullable PathValidation candidateValidation;
    private AmplificationLimit candidateLimit = new AmplificationLimit();

    /** Where packets went when the candidate was seen: the present address, or since it has changed, the one before. */
    private @Nullable InetSocketAddress challengedEarlier;

    private @Nullable PathValidation earlierValidation;

    private @Nullable InetSocketAddress passedOver;
    private long passedOverUntilNs;

    private @Nullable Probe response;

    /**
     * @param leastLength the length of a datagram with a challenge that is not filled up, in bytes
     * @param active where the peer is dialed, or was answered
     */
    public Paths(RandomSource random, int leastLength, InetSocketAddress active) {
        this.random = random;
        this.leastLength = leastLength;
        this.active = active;
    }

    /** Where packets go. */
    public InetSocketAddress active() {
        return active;
    }

    /** Nothing has come from the present address, and another one is to be tried instead. */
    public void redirect(InetSocketAddress address) {
        active = address;
    }

    /**
     * An authentic packet has come.
     *
     * @param length of its datagram, in bytes
     * @param newest whether its number is the highest so far
     * @param ptoNs the probe timeout of the present path
     */
    public void onPacket(InetSocketAddress from, int length, boolean newest, long ptoNs, long nowNs) {
        if (from.equals(active)) {
            if (newest) {
                dropCandidate();
            }
            return;
        }
        if (!from.equals(candidate)) {
            if (!newest || (from.equals(passedOver) && nowNs < passedOverUntilNs)) {
                return;
            }
            validate(from, ptoNs, nowNs);
        } else if (newest && candidateValidation != null) {
            candidateValidation.onPacket(nowNs);
        }
        candidateLimit.onReceived(length);
    }

    /**
     * The peer may be at this address, which has answered outside of the connection: it is a candidate as if a packet had come from
     * there. Without effect if packets go there.
     *
     * @param ptoNs the probe timeout of the present path
     */
    public void propose(InetSocketAddress address, long ptoNs, long nowNs) {
        if (!address.equals(active)) {
            validate(address, ptoNs, nowNs);
            candidateLimit.onReceived(FULL_LENGTH);
        }
    }

    private void validate(InetSocketAddress address, long ptoNs, long nowNs) {
        candidate = address;
        candidateLimit = new AmplificationLimit();
        candidateValidation = new PathValidation(random, ptoNs, nowNs);
        challengedEarlier = active;
        earlierValidation = new PathValidation(random, ptoNs, nowNs);
    }

    /** The peer wants a challenge echoed that came from {@code from} in a datagram of {@code length} bytes. RFC 9000 §8.2.2. */
    public void onChallenge(InetSocketAddress from, int length, long data) {
        response = new Probe(from, Frame.RESPONSE, data, Math.min(length, FULL_LENGTH));
    }

    /**
     * The peer has echoed a challenge, from wherever.
     *
     * @return whether packets go elsewhere from now on: see {@link #active}
     */
    public boolean onResponse(long data, long nowNs) {
        if (candidateValidation != null && candidateValidation.onResponse(data)) {
            return moveToCandidate();
        }
        if (earlierValidation != null && earlierValidation.onResponse(data)) {
            return stayOrReturn(nowNs);
        }
        return false;
    }

    /** Lets pass what is due. */
    public void onTimeout(long nowNs) {
        if (candidateValidation != null) {
            candidateValidation.onTimeout(nowNs);
            if (candidateValidation.state() == PathValidation.State.FAILED) {
                candidate = null;
                candidateValidation = null;
            }
        }
        if (earlierValidation != null) {
            earlierValidation.onTimeout(nowNs);
            if (earlierValidation.state() == PathValidation.State.FAILED) {
                challengedEarlier = null;
                earlierValidation = null;
            }
        }
    }

    /** When {@link #onTimeout} or {@link #pollProbe} has something to do by itself; {@link Long#MAX_VALUE} for never. */
    public long timeoutNs() {
        long earlierNs = earlierValidation == null ? Long.MAX_VALUE : earlierValidation.timeoutNs();
        if (candidateValidation == null) {
            return earlierNs;
        }
        boolean mayChallenge = candidateLimit.available() >= leastLength;
        return Math.min(earlierNs, mayChallenge ? candidateValidation.timeoutNs() : candidateValidation.deadlineNs());
    }

    /** The next packet that is to be sent by itself; null for none. */
    public @Nullable Probe pollProbe(long nowNs) {
        if (response != null) {
            Probe due = response;
            response = null;
            return due;
        }
        if (candidate != null
                && candidateValidation != null
                && candidateValidation.isDue(nowNs)
                && candidateLimit.available() >= leastLength) {
            int length = (int) Math.min(candidateLimit.available(), FULL_LENGTH);
            candidateLimit.onSent(length);
            return new Probe(candidate, Frame.CHALLENGE, candidateValidation.challenge(nowNs), length);
        }
        if (challengedEarlier != null && earlierValidation != null && earlierValidation.isDue(nowNs)) {
            return new Probe(challengedEarlier, Frame.CHALLENGE, earlierValidation.challenge(nowNs), FULL_LENGTH);
        }
        return null;
    }

    private boolean moveToCandidate() {
        if (candidate == null) {
            return false;
        }
        active = candidate;
        candidate = null;
        candidateValidation = null;
        return true;
    }

    private boolean stayOrReturn(long nowNs) {
        InetSocketAddress earlier = challengedEarlier;
        boolean moved = earlier != null && !earlier.equals(active);
        passedOver = moved ? active : candidate;
        passedOverUntilNs = nowNs + PASSED_OVER_NS;
        if (earlier != null) {
            active = earlier;
        }
        dropCandidate();
        return moved;
    }

    private void dropCandidate() {
        candidate = null;
        candidateValidation = null;
        if (active.equals(challengedEarlier)) {
            challengedEarlier = null;
            earlierValidation = null;
        }
    }
}
