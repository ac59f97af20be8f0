package dev.tether.core.stream;

import dev.tether.core.frame.FrameFormatException;
import dev.tether.core.frame.FrameHandler;
import dev.tether.core.frame.FrameReader;
import dev.tether.core.frame.FrameRecord;
import dev.tether.core.frame.IntroductionFrame;
import dev.tether.core.wire.WireWriter;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A packet that a {@link StreamSet} wrote: its bytes, and the notes with which it is settled. */
final class Sent implements FrameRecord {

    private final List<long[]> notes = new ArrayList<>();
    private byte[] bytes = {};

    /** Takes a packet of at most {@code room} bytes from a set, or null if it writes none. */
    static @Nullable Sent by(StreamSet set, int room, long nowNs, long smoothedRttNs) {
        Sent packet = new Sent();
        WireWriter out = new WireWriter().wrap(new byte[room + 20], 10, room);
        if (!set.frames().writeFrames(out, packet, nowNs, smoothedRttNs)) {
            return null;
        }
        packet.bytes = Arrays.copyOfRange(out.array(), 10, 10 + out.written());
        return packet;
    }

    /** Takes a packet of up to 1200 bytes from a set that must have one. */
    static Sent by(StreamSet set) {
        Sent packet = by(set, 1200, 0, 1);
        if (packet == null) {
            throw new AssertionError("nothing to send");
        }
        return packet;
    }

    @Override
    public void addFrame(int frameType, long id, long offset, long length) {
        notes.add(new long[] {frameType, id, offset, length});
    }

    /** The types of the frames, in order. */
    List<Long> types() {
        return notes.stream().map(note -> note[0]).toList();
    }

    /** The notes: type, id, offset, length. */
    List<long[]> notes() {
        return notes;
    }

    void ackedBy(StreamSet sender) {
        for (long[] note : notes) {
            sender.frames().onFrameAcked((int) note[0], note[1], note[2], note[3]);
        }
    }

    void lostBy(StreamSet sender) {
        for (long[] note : notes) {
            sender.frames().onFrameLost((int) note[0], note[1], note[2], note[3]);
        }
    }

    /** Decodes the packet and hands its frames to another set. */
    void deliverTo(StreamSet receiver) throws StreamViolation {
        Handler handler = new Handler(receiver);
        try {
            new FrameReader().read(bytes, 0, bytes.length, handler);
        } catch (FrameFormatException e) {
            throw new AssertionError(e);
        }
        if (handler.violation != null) {
            throw handler.violation;
        }
    }

    private interface Input {
        void run() throws StreamViolation;
    }

    private static final class Handler implements FrameHandler {

        private final StreamSet receiver;
        private @Nullable StreamViolation violation;

        Handler(StreamSet receiver) {
            this.receiver = receiver;
        }

        @Override
        public void onStream(long id, long streamOffset, byte[] buffer, int offset, int length, boolean fin) {
            input(() -> receiver.frames().onStream(id, streamOffset, buffer, offset, length, fin));
        }

        @Override
        public void onResetStream(long id, long errorCode, long finalSize) {
            input(() -> receiver.frames().onResetStream(id, errorCode, finalSize));
        }

        @Override
        public void onStopSending(long id, long errorCode) {
            input(() -> receiver.frames().onStopSending(id, errorCode));
        }

        @Override
        public void onMaxData(long maximum) {
            receiver.frames().onMaxData(maximum);
        }

        @Override
        public void onMaxStreamData(long id, long maximum) {
            input(() -> receiver.frames().onMaxStreamData(id, maximum));
        }

        @Override
        public void onMaxStreams(boolean bidirectional, long maximum) {
            receiver.frames().onMaxStreams(bidirectional, maximum);
        }

        @Override
        public void onDataBlocked(long limit) {}

        @Override
        public void onStreamDataBlocked(long id, long limit) {
            input(() -> receiver.frames().onStreamDataBlocked(id));
        }

        @Override
        public void onStreamsBlocked(boolean bidirectional, long limit) {}

        @Override
        public void onPing() {
            throw new AssertionError("not a frame of streams");
        }

        @Override
        public void onAck(long[] ranges, int rangeCount, long ackDelay) {
            throw new AssertionError("not a frame of streams");
        }

        @Override
        public void onPathChallenge(long data) {
            throw new AssertionError("not a frame of streams");
        }

        @Override
        public void onPathResponse(long data) {
            throw new AssertionError("not a frame of streams");
        }

        @Override
        public void onConnectionClose(boolean application, long errorCode, long frameType, String reason) {
            throw new AssertionError("not a frame of streams");
        }

        @Override
        public void onDatagram(byte[] buffer, int offset, int length) {
            throw new AssertionError("not a frame of streams");
        }

        @Override
        public void onMessagesDelivered(long linkId, long number) {
            throw new AssertionError("not a frame of streams");
        }

        @Override
        public void onObservedAddress(long sequence, InetSocketAddress address) {
            throw new AssertionError("not a frame of streams");
        }

        @Override
        public void onIntroduction(IntroductionFrame frame) {
            throw new AssertionError("not a frame of streams");
        }

        private void input(Input input) {
            try {
                input.run();
            } catch (StreamViolation e) {
                violation = e;
            }
        }
    }
}
