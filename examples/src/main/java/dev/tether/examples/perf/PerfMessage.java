package dev.tether.examples.perf;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SynchronousSink;

/**
 * The messages of a measurement. The first byte is the type, integers are big-endian.
 *
 * <table>
 * <caption>Types</caption>
 * <tr><th>type</th><th>message</th><th>then</th></tr>
 * <tr><td>1</td><td>SEND: milliseconds 4 B, message size 4 B</td><td>the server sends DATA for that time, and END</td></tr>
 * <tr><td>2</td><td>DATA: anything</td><td>is counted</td></tr>
 * <tr><td>3</td><td>END</td><td>the server answers with what it has counted, and counts anew</td></tr>
 * <tr><td>4</td><td>RESULT: bytes 8 B, messages 8 B, nanoseconds 8 B</td><td></td></tr>
 * <tr><td>5</td><td>ECHO: anything</td><td>the server sends it back</td></tr>
 * </table>
 */
final class PerfMessage {

    static final int SEND = 1;
    static final int DATA = 2;
    static final int END = 3;
    static final int RESULT = 4;
    static final int ECHO = 5;

    /** The largest DATA message that a server sends, in bytes. */
    static final int MAX_SIZE = 16 << 20;

    /** The longest that a server sends, in milliseconds. */
    static final int MAX_MILLIS = 3_600_000;

    private PerfMessage() {}

    static int type(ByteBuf message) {
        return message.isReadable() ? message.getUnsignedByte(message.readerIndex()) : 0;
    }

    static ByteBuf send(Duration time, int size) {
        return Unpooled.buffer(9)
                .writeByte(SEND)
                .writeInt((int) time.toMillis())
                .writeInt(size);
    }

    static ByteBuf end() {
        return Unpooled.buffer(1).writeByte(END);
    }

    static ByteBuf result(long bytes, long messages, long nanos) {
        return Unpooled.buffer(25)
                .writeByte(RESULT)
                .writeLong(bytes)
                .writeLong(messages)
                .writeLong(nanos);
    }

    static ByteBuf echo(int size) {
        return Unpooled.buffer(size).writeByte(ECHO).writeZero(size - 1);
    }

    /** DATA for {@code time} from the first request on, all of it views of one buffer, then END. */
    static Flux<ByteBuf> data(Duration time, int size) {
        Flux<ByteBuf> data = Flux.using(
                () -> Unpooled.buffer(size).writeByte(DATA).writeZero(size - 1),
                payload -> Flux.generate(
                        () -> System.nanoTime() + time.toNanos(), (Long deadlineNs, SynchronousSink<ByteBuf> sink) -> {
                            if (System.nanoTime() - deadlineNs < 0) {
                                sink.next(payload.retainedDuplicate());
                            } else {
                                sink.complete();
                            }
                            return deadlineNs;
                        }),
                ByteBuf::release);
        return data.concatWith(Mono.fromSupplier(PerfMessage::end));
    }
}
