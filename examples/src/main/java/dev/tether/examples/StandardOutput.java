package dev.tether.examples;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.io.UncheckedIOException;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.netty.ByteBufFlux;

/** Where the bytes of a peer go. */
final class StandardOutput {

    /** How many buffers, of up to 64 KiB, may wait to be written. */
    private static final int PREFETCH = 4;

    private StandardOutput() {}

    /**
     * Writes what is received, on a thread that may block, and no faster than whoever reads standard output; at the end,
     * closes it. Errors with an {@link UncheckedIOException} when nobody reads any more.
     */
    static Mono<Void> write(ByteBufFlux received) {
        return received.retain()
                .publishOn(Schedulers.boundedElastic(), PREFETCH)
                .doOnDiscard(ByteBuf.class, ByteBuf::release)
                .doOnNext(StandardOutput::write)
                .doOnComplete(System.out::close)
                .then();
    }

    private static void write(ByteBuf bytes) {
        try {
            bytes.readBytes(System.out, bytes.readableBytes());
            // A PrintStream does not throw. This flushes it, too.
            if (System.out.checkError()) {
                throw new IOException("standard output takes nothing more");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            bytes.release();
        }
    }
}
