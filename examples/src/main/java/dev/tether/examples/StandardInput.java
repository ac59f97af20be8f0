package dev.tether.examples;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.Charset;
import reactor.core.publisher.Flux;
import reactor.core.publisher.SynchronousSink;
import reactor.core.scheduler.Schedulers;

/** What the user types. */
final class StandardInput {

    private StandardInput() {}

    /** The lines of standard input, each read when it is requested, on a thread that may block. */
    static Flux<String> lines() {
        return Flux.<String, BufferedReader>generate(
                        () -> new BufferedReader(new InputStreamReader(System.in, Charset.defaultCharset())),
                        StandardInput::nextLine)
                .subscribeOn(Schedulers.boundedElastic());
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
