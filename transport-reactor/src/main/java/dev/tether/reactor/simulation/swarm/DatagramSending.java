package dev.tether.reactor.simulation.swarm;

import dev.tether.core.error.DatagramsNotSupportedException;
import dev.tether.core.error.MessageTooLargeException;
import dev.tether.core.error.TransportException;
import dev.tether.core.simulation.SeededRandom;
import dev.tether.reactor.PeerConnection;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;

/** One call of {@code sendDatagram}: what its publisher gives, how it ends, and which of its datagrams have arrived. */
final class DatagramSending {

    /** Numbers from this one on are not those of sends of messages. */
    private static final int FIRST_NUMBER = 1 << 16;

    private final Datagrams datagrams;
    private final PeerConnection connection;
    private final int number;
    private final int count;
    private final int maxSize;

    /** The number of the one that is too large; -1 for none. */
    private final int tooLarge;

    private final Numbered source;
    private final BitSet arrived = new BitSet();
    private @Nullable Disposable sending;
    private boolean completed;
    private boolean cancelled;
    private @Nullable Throwable failure;

    /** @param index how many calls there were before on this connection */
    DatagramSending(
            Datagrams datagrams, PeerConnection connection, int index, Scenario.Traffic traffic, SeededRandom random) {
        this.datagrams = datagrams;
        this.connection = connection;
        this.number = FIRST_NUMBER + index;
        this.maxSize = Math.min(traffic.maxSize(), connection.maxDatagramSize());
        this.tooLarge = random.chance(0.05) ? random.nextInt(0, traffic.messages()) : -1;
        boolean fails = random.chance(0.05);
        this.count = fails ? random.nextInt(0, traffic.messages()) : traffic.messages();
        this.source = new Numbered(
                Duration.ofMillis(random.chance(0.7) ? 0 : random.nextInt(1, 50)),
                fails ? new IllegalStateException("the publisher of datagrams fails") : null);
    }

    // What it does

    void begin(Runnable onOver) {
        sending = connection
                .sendDatagram(source)
                .subscribe(
                        nothing -> {},
                        cause -> {
                            failure = cause;
                            onOver.run();
                        },
                        () -> {
                            completed = true;
                            onOver.run();
                        });
    }

    /** Cancels it, unless it is over. */
    void cancel(Runnable onOver) {
        if (!isOver() && sending != null) {
            cancelled = true;
            sending.dispose();
            onOver.run();
        }
    }

    // What is known of it

    boolean isOver() {
        return completed || cancelled || failure != null;
    }

    int given() {
        return source.given;
    }

    /** Whether it may have sent the datagram that has arrived; the same one does not arrive twice. */
    boolean accept(byte[] datagram) {
        for (int index = arrived.nextClearBit(0); index < source.given; index = arrived.nextClearBit(index + 1)) {
            if (isLong(datagram) && Payload.index(datagram) != index) {
                continue;
            }
            ByteBuf sent = datagram(index);
            if (index != tooLarge && sent.equals(Unpooled.wrappedBuffer(datagram))) {
                arrived.set(index);
                return true;
            }
        }
        return false;
    }

    private static boolean isLong(byte[] datagram) {
        return datagram.length >= Payload.HEADER_BYTES;
    }

    /** Byte for byte the same whenever it is made; some are too short to bear a name. */
    private ByteBuf datagram(int index) {
        if (index == tooLarge) {
            return Unpooled.buffer().writeZero(connection.maxDatagramSize() + 1 + index);
        }
        int tiny = (index * 7 + number) % 20;
        return tiny < Payload.HEADER_BYTES / 4 || maxSize < Payload.HEADER_BYTES
                ? Unpooled.wrappedBuffer(
                        Payload.stream(datagrams.seed(), datagrams.serial(), -1 - index, Math.min(maxSize, tiny)))
                : Payload.message(datagrams.seed(), datagrams.serial(), number, index, maxSize);
    }

    /** What must hold when the connection is over. */
    void checkEnd() {
        if (!isOver()) {
            violation("has not ended, and the connection has");
        } else if (completed && (!source.hasCompleted() || maxSent() < count || !areSupported())) {
            violation("has completed, and its publisher has given " + source.given + " of " + count
                    + " datagrams; number " + tooLarge + " of them is too large, and they are "
                    + (areSupported() ? "supported" : "not supported"));
        } else if (failure != null && !isExplained(failure)) {
            violation("has ended with " + failure);
        }
        if (source.holdsBuffers()) {
            violation("has not released a buffer of its publisher");
        }
    }

    /** How many it may have handed to the transport. */
    int maxSent() {
        return tooLarge >= 0 && areSupported() ? Math.min(tooLarge, source.given) : source.given;
    }

    private boolean isExplained(Throwable error) {
        Throwable cause = error instanceof TransportException known ? known.ofConnection() : error;
        return cause == source.failure() && source.hasFailed()
                || cause instanceof MessageTooLargeException && tooLarge >= 0 && source.given > tooLarge
                || cause instanceof DatagramsNotSupportedException it && !areSupported() && it.isByPeer() == isByPeer()
                || datagrams.isEnding(error);
    }

    private boolean areSupported() {
        return datagrams.areSupportedHere() && datagrams.areSupportedThere();
    }

    private boolean isByPeer() {
        return datagrams.areSupportedHere();
    }

    private void violation(String what) {
        datagrams.violation("its sendDatagram " + (number - FIRST_NUMBER) + ' ' + what);
    }

    /** The publisher. */
    private final class Numbered extends Source {

        private int given;

        Numbered(Duration pause, @Nullable Throwable failure) {
            super(datagrams::later, pause, failure, false);
        }

        @Override
        boolean hasBuffer() {
            return given < count;
        }

        @Override
        ByteBuf nextBuffer() {
            ByteBuf next = datagram(given++);
            // One of no bytes is shared by all, and not counted.
            return next.isReadable() ? next : Unpooled.buffer(1);
        }
    }
}
