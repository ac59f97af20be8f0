package dev.tether.examples;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.Charset;
import reactor.core.publisher.Flux;
import reactor.core.publisher.SynchronousSink;
import reactor.core.scheduler.Schedulers;

/** What the user types. */
final class StandardInput {

    private static final int BUFFER_SIZE = 32 * 1024;

    private StandardInput() {}

    /** The lines of standard input, each read when it is requested, on a thread that may block. */
    static Flux<String> lines() {
        return Flux.<String, BufferedReader>generate(
                        () -> new BufferedReader(new InputStreamReader(System.in, Charset.defaultCharset())),
                        StandardInput::nextLine)
                .subscribeOn(Schedulers.boundedElastic());
    }

    /** The bytes of standard input as they come, each buffer read when it is requested, on a thread that may block. */
    static Flux<ByteBuf> bytes() {
        return Flux.<ByteBuf>generate(StandardInput::nextBytes).subscribeOn(Schedulers.boundedElastic());
    }

    private static void nextBytes(SynchronousSink<ByteBuf> sink) {
        ByteBuf buffer = ByteBufAllocator.DEFAULT.heapBuffer(BUFFER_SIZE, BUFFER_SIZE);
        try {
            if (buffer.writeBytes(System.in, BUFFER_SIZE) >= 0) {
                sink.next(buffer);
                return;
            }
            sink.complete();
        } catch (IOException e) {
            sink.error(e);
        }
        buffer.release();
    }

    private static BufferedReader nextLine(BufferedReader input, SynchronousSink<String> sink) {
        try {
            String line = input.readLine();
            if (line == null) {
                sink.complete();
            } else {
                sink.next(line);
            }
        } catch (IOException e) {
            sink.error(e);
        }
        return input;
    }
}
