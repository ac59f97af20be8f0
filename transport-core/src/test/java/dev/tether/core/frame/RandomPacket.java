package dev.tether.core.frame;

import dev.tether.core.NatBehaviour;
import dev.tether.core.PeerIdentity;
import dev.tether.core.wire.VarInt;
import dev.tether.core.wire.WireWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;

/** A packet of random frames, written by {@link FrameWriter}, with what a {@link FrameRecorder} must say about it. */
final class RandomPacket {

    /** How many kinds of frames there are to choose from. */
    private static final int KINDS = 20;

    private final SplittableRandom random;
    private final WireWriter out;
    private final byte[] buffer = new byte[4096];
    private final List<String> lines = new ArrayList<>();

    RandomPacket(long seed) {
        random = new SplittableRandom(seed);
        out = new WireWriter().wrap(buffer, 0, buffer.length);
        int frames = 1 + random.nextInt(8);
        for (int i = 0; i < frames; i++) {
            writeOne(random.nextInt(KINDS));
        }
    }

    byte[] bytes() {
        return Arrays.copyOf(buffer, out.written());
    }

    /** What the frames are; PADDING is not among them. */
    List<String> lines() {
        return lines;
    }

    private void writeOne(int kind) {
        long id = number(VarInt.MAX);
        long number = number(VarInt.MAX);
        long count = number(1L << 60);
        int before = out.written();
        switch (kind) {
            case 0 -> FrameWriter.writeEmpty(out, FrameType.PADDING);
            case 1 -> {
                FrameWriter.writeEmpty(out, FrameType.PING);
                lines.add("PING");
            }
            case 2 -> writeAck(number);
            case 3 -> {
                long finalSize = number(VarInt.MAX);
                FrameWriter.writeResetStream(out, id, number, finalSize);
                expect(before, FrameWriter.resetStreamSize(id, number, finalSize));
                lines.add("RESET_STREAM " + id + " error " + number + " final " + finalSize);
            }
            case 4 -> writeNumbers(FrameType.STOP_SENDING, "STOP_SENDING " + id + " error " + number, id, number);
            case 5 -> writeNumber(FrameType.MAX_DATA, "MAX_DATA " + number, number);
            case 6 -> writeNumbers(FrameType.MAX_STREAM_DATA, "MAX_STREAM_DATA " + id + " " + number, id, number);
            case 7 -> writeNumber(FrameType.MAX_STREAMS_BIDI, "MAX_STREAMS bidi " + count, count);
            case 8 -> writeNumber(FrameType.MAX_STREAMS_UNI, "MAX_STREAMS uni " + count, count);
            case 9 -> writeNumber(FrameType.DATA_BLOCKED, "DATA_BLOCKED " + number, number);
            case 10 ->
                writeNumbers(FrameType.STREAM_DATA_BLOCKED, "STREAM_DATA_BLOCKED " + id + " " + number, id, number);
            case 11 -> writeNumber(FrameType.STREAMS_BLOCKED_BIDI, "STREAMS_BLOCKED bidi " + count, count);
            case 12 -> writeNumber(FrameType.STREAMS_BLOCKED_UNI, "STREAMS_BLOCKED uni " + count, count);
            case 13 -> writePathData();
            case 14 -> writeStream(id);
            case 15 -> writeConnectionClose(number);
            case 16 ->
                writeNumbers(
                        FrameType.MESSAGES_DELIVERED,
                        "MESSAGES_DELIVERED link=" + id + " number=" + number,
                        id,
                        number);
            case 17 -> writeObservedAddress(number);
            case 18 -> writeIntroduction(id);
            default -> {
                byte[] data = data();
                FrameWriter.writeDatagram(out, data, 0, data.length);
                expect(before, FrameWriter.datagramSize(data.length));
                lines.add("DATAGRAM " + HexFormat.of().formatHex(data));
            }
        }
    }

    private void writeObservedAddress(long sequence) {
        byte[] bytes = new byte[random.nextInt(2) == 0 ? 4 : 16];
        random.nextBytes(bytes);
        InetSocketAddress address = address(bytes, random.nextInt(1 << 16));
        FrameWriter.writeObservedAddress(out, sequence, address);
        lines.add("OBSERVED_ADDRESS " + sequence + " " + address);
    }

    private void writeIntroduction(long id) {
        byte[] key = new byte[PeerIdentity.LENGTH];
        random.nextBytes(key);
        PeerIdentity identity = PeerIdentity.of(key);
        IntroductionFrame frame = switch (random.nextInt(4)) {
            case 0 -> new IntroductionFrame.Introduce(id, identity, offer());
            case 1 -> new IntroductionFrame.Introduction(id, identity, offer());
            case 2 -> new IntroductionFrame.Answer(id, random.nextBoolean(), offer());
            default -> new IntroductionFrame.Introduced(id, any(IntroductionStatus.values()), offer());
        };
        int before = out.written();
        FrameWriter.writeIntroduction(out, frame);
        expect(before, FrameWriter.introductionSize(frame));
        lines.add(frame.toString());
    }

    private PunchOffer offer() {
        List<InetSocketAddress> candidates = new ArrayList<>();
        for (int i = random.nextInt(PunchOffer.MAX_CANDIDATES + 1); i > 0; i--) {
            byte[] bytes = new byte[random.nextBoolean() ? 4 : 16];
            random.nextBytes(bytes);
            candidates.add(address(bytes, random.nextInt(1 << 16)));
        }
        PunchNonce nonce = new PunchNonce(random.nextLong(), random.nextLong());
        return new PunchOffer(nonce, any(NatBehaviour.values()), candidates);
    }

    private <T> T any(T[] values) {
        return values[random.nextInt(values.length)];
    }

    private static InetSocketAddress address(byte[] bytes, int port) {
        try {
            return new InetSocketAddress(InetAddress.getByAddress(bytes), port);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    private void writeNumber(int type, String line, long number) {
        int before = out.written();
        FrameWriter.writeNumber(out, type, number);
        expect(before, FrameWriter.numberSize(type, number));
        lines.add(line);
    }

    private void writeNumbers(int type, String line, long first, long second) {
        int before = out.written();
        FrameWriter.writeNumbers(out, type, first, second);
        expect(before, FrameWriter.numbersSize(type, first, second));
        lines.add(line);
    }

    private void writePathData() {
        boolean challenge = random.nextBoolean();
        long data = random.nextLong();
        int before = out.written();
        FrameWriter.writePathData(out, challenge ? FrameType.PATH_CHALLENGE : FrameType.PATH_RESPONSE, data);
        expect(before, FrameWriter.pathDataSize());
        lines.add((challenge ? "PATH_CHALLENGE " : "PATH_RESPONSE ")
                + HexFormat.of().toHexDigits(data));
    }

    private void writeStream(long id) {
        byte[] data = data();
        long offset = random.nextBoolean() ? 0 : number(VarInt.MAX - data.length);
        boolean fin = random.nextBoolean();
        int before = out.written();
        FrameWriter.writeStreamHeader(out, id, offset, data.length, fin);
        expect(before, FrameWriter.streamHeaderSize(id, offset, data.length));
        out.writeBytes(data);
        lines.add(FrameRecorder.stream(id, offset, data, fin));
    }

    private void writeConnectionClose(long errorCode) {
        boolean application = random.nextBoolean();
        long frameType = application ? 0 : number(VarInt.MAX);
        String reason = "é€a".repeat(random.nextInt(20));
        FrameWriter.writeConnectionClose(out, application, errorCode, frameType, FrameRecorder.utf8(reason));
        lines.add(FrameRecorder.connectionClose(application, errorCode, frameType, reason));
    }

    private void writeAck(long largest) {
        long[] ranges = new long[2 * (1 + random.nextInt(20))];
        int count = 0;
        for (long next = largest; count < ranges.length / 2 && next >= 0; count++) {
            ranges[2 * count + 1] = next;
            ranges[2 * count] = next - number(next);
            next = ranges[2 * count] - 2;
            next -= next > 0 ? number(next) : 0;
        }
        long ackDelay = number(VarInt.MAX);
        if (FrameWriter.writeAck(out, ranges, count, ackDelay)) {
            lines.add(FrameRecorder.ack(ranges, count, ackDelay));
        } else {
            throw new AssertionError("no room for an ACK frame");
        }
    }

    private byte[] data() {
        byte[] data = new byte[random.nextInt(random.nextBoolean() ? 4 : 200)];
        random.nextBytes(data);
        return data;
    }

    /** A number from 0 to {@code max} of any order of magnitude. */
    private long number(long max) {
        long value = random.nextLong() >>> 1 + random.nextInt(63);
        return value <= max ? value : max - (value & 0xff) % (max + 1);
    }

    private void expect(int before, int size) {
        if (out.written() - before != size) {
            throw new AssertionError("announced " + size + " bytes, written " + (out.written() - before));
        }
    }
}
