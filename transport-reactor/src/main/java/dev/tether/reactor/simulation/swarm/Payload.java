package dev.tether.reactor.simulation.swarm;

import dev.tether.core.simulation.SeededRandom;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;

/**
 * The messages of a swarm: each says which one it is, and its other bytes follow from that, so that the receiver can tell
 * whether they are right.
 */
final class Payload {

    /** Session, send, index, and the length of the whole. */
    static final int HEADER_BYTES = 4 * Integer.BYTES;

    private Payload() {}

    static ByteBuf message(long seed, int session, int send, int index, int maxSize) {
        SeededRandom random = random(seed, session, send, index);
        byte[] bytes = new byte[HEADER_BYTES + random.nextInt(0, Math.max(0, maxSize - HEADER_BYTES))];
        fill(bytes, random, session, send, index);
        return Unpooled.wrappedBuffer(bytes);
    }

    static int session(byte[] message) {
        return ByteBuffer.wrap(message).getInt();
    }

    static int send(byte[] message) {
        return ByteBuffer.wrap(message).getInt(Integer.BYTES);
    }

    static int index(byte[] message) {
        return ByteBuffer.wrap(message).getInt(2 * Integer.BYTES);
    }

    /** Whether a message is byte for byte what was sent under the name that it bears. */
    static boolean isGenuine(long seed, byte[] message, int maxSize) {
        if (message.length < HEADER_BYTES) {
            return false;
        }
        ByteBuf sent = message(seed, session(message), send(message), index(message), maxSize);
        return sent.equals(Unpooled.wrappedBuffer(message));
    }

    /** What one end of a connection sends on a stream; without a header, as a stream may be shorter than that. */
    static byte[] stream(long seed, int session, long id, int size) {
        byte[] bytes = new byte[size];
        new SeededRandom(seed).split("stream " + id + " of " + session).nextBytes(bytes);
        return bytes;
    }

    private static void fill(byte[] bytes, SeededRandom random, int session, int send, int index) {
        byte[] body = new byte[bytes.length - HEADER_BYTES];
        random.nextBytes(body);
        ByteBuffer.wrap(bytes)
                .putInt(session)
                .putInt(send)
                .putInt(index)
                .putInt(bytes.length)
                .put(body);
    }

    private static SeededRandom random(long seed, int session, int send, int index) {
        return new SeededRandom(seed ^ (long) session << 42 ^ (long) send << 32 ^ index);
    }
}
