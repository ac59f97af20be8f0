package dev.tether.core.recovery;

import dev.tether.core.recovery.SentPacket.State;

/**
 * The ledger of sent packets: a ring of reused slots indexed by packet number, from the oldest number that still matters
 * to the newest one sent. It starts with {@value #MIN_CAPACITY} slots, doubles when it is full, and halves when it has run
 * empty after being mostly unused, so that an idle connection costs little and a busy one allocates nothing.
 *
 * <p>Numbers are handed out in ascending order and may be skipped; a skipped number keeps its slot until something sent
 * after it is settled, so that a peer that acknowledges what it cannot have received is caught.
 */
final class SentPackets {

    static final int MIN_CAPACITY = 8;

    private SentPacket[] ring = newRing(MIN_CAPACITY);
    private long oldestNumber;
    private long nextNumber;

    /** The most slots used at once since the ring last ran empty. */
    private long peakSpan;

    /** The oldest number in the ledger; equal to {@link #nextNumber()} if it is empty. */
    long oldestNumber() {
        return oldestNumber;
    }

    /** The lowest number that was neither sent nor skipped. */
    long nextNumber() {
        return nextNumber;
    }

    int capacity() {
        return ring.length;
    }

    /**
     * Resets the slot of {@code packetNumber} and hands it out to be filled. Numbers passed over are skipped for good. The
     * number itself is used up only by {@link #commit}: until then the same slot is handed out again.
     */
    SentPacket next(long packetNumber) {
        if (packetNumber < nextNumber) {
            throw new IllegalArgumentException(
                    "packet number " + packetNumber + " is used up; the next one is " + nextNumber);
        }
        makeRoomFor(packetNumber);
        while (nextNumber < packetNumber) {
            slot(nextNumber).reset(nextNumber, State.SKIPPED);
            nextNumber++;
        }
        SentPacket packet = slot(packetNumber);
        packet.reset(packetNumber, State.OPEN);
        return packet;
    }

    /** Enters a packet that {@link #next} handed out last and that has been filled. */
    void commit(SentPacket packet) {
        if (packet.state != State.OPEN || packet.packetNumber != nextNumber) {
            throw new IllegalStateException(packet + " is not the packet that was begun last");
        }
        packet.state = State.OUTSTANDING;
        nextNumber++;
        peakSpan = Math.max(peakSpan, nextNumber - oldestNumber);
    }

    /** The packet with a number from {@link #oldestNumber()} to {@link #nextNumber()} exclusive. */
    SentPacket get(long packetNumber) {
        return slot(packetNumber);
    }

    /**
     * Whether all of these numbers were sent, as far as the ledger reaches back.
     *
     * @param ranges pairs of smallest and largest number, descending
     * @param rangeCount how many pairs
     */
    boolean wereSent(long[] ranges, int rangeCount) {
        for (int i = 0; i < rangeCount; i++) {
            long largest = ranges[2 * i + 1];
            if (largest >= nextNumber) {
                return false;
            }
            long number = Math.max(ranges[2 * i], oldestNumber);
            while (number <= largest) {
                SentPacket packet = slot(number);
                if (packet.state == State.SKIPPED) {
                    return false;
                }
                number = packet.state == State.ACKED ? packet.ackedRunEnd + 1 : number + 1;
            }
        }
        return true;
    }

    /** Forgets the oldest packets that are settled: acknowledged, or declared lost at or before {@code lostUntilNs}. */
    void release(long lostUntilNs) {
        for (long number = oldestNumber; number < nextNumber; number++) {
            SentPacket packet = slot(number);
            if (packet.state == State.SKIPPED) {
                // Only forgotten together with a settled packet behind it.
                continue;
            }
            boolean settled =
                    packet.state == State.ACKED || (packet.state == State.LOST && packet.lostNs <= lostUntilNs);
            if (!settled) {
                break;
            }
            oldestNumber = number + 1;
        }
        if (oldestNumber == nextNumber) {
            shrinkIfMostlyUnused();
        }
    }

    /** Forgets everything; the numbers stay used up. */
    void clear() {
        oldestNumber = nextNumber;
        ring = newRing(MIN_CAPACITY);
        peakSpan = 0;
    }

    private void makeRoomFor(long packetNumber) {
        while (packetNumber - oldestNumber >= ring.length) {
            SentPacket oldest = slot(oldestNumber);
            if (oldestNumber < nextNumber && isDispensable(oldest)) {
                oldestNumber++;
            } else {
                resize(2 * ring.length);
            }
        }
    }

    /** What is only kept while there is room: a peer may leave bare ACKs unacknowledged for as long as it likes. */
    private static boolean isDispensable(SentPacket packet) {
        return packet.state == State.ACKED || (!packet.ackEliciting && !packet.inFlight);
    }

    private void shrinkIfMostlyUnused() {
        if (ring.length > MIN_CAPACITY && peakSpan * 4 <= ring.length) {
            resize(ring.length / 2);
        }
        peakSpan = 0;
    }

    private void resize(int capacity) {
        SentPacket[] resized = new SentPacket[capacity];
        for (long number = oldestNumber; number < nextNumber; number++) {
            resized[(int) number & (capacity - 1)] = slot(number);
        }
        long unused = nextNumber;
        for (long number = nextNumber; number < oldestNumber + capacity; number++) {
            boolean reusable = unused < oldestNumber + ring.length;
            resized[(int) number & (capacity - 1)] = reusable ? slot(unused++) : new SentPacket();
        }
        ring = resized;
    }

    private SentPacket slot(long packetNumber) {
        return ring[(int) packetNumber & (ring.length - 1)];
    }

    private static SentPacket[] newRing(int capacity) {
        SentPacket[] ring = new SentPacket[capacity];
        for (int i = 0; i < capacity; i++) {
            ring[i] = new SentPacket();
        }
        return ring;
    }
}
