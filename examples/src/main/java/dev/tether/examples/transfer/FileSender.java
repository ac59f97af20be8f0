package dev.tether.examples.transfer;

import dev.tether.core.error.TransportException;
import dev.tether.examples.transfer.TransferMessage.Abort;
import dev.tether.examples.transfer.TransferMessage.Accept;
import dev.tether.examples.transfer.TransferMessage.Answer;
import dev.tether.examples.transfer.TransferMessage.Begin;
import dev.tether.examples.transfer.TransferMessage.Checking;
import dev.tether.examples.transfer.TransferMessage.Failed;
import dev.tether.examples.transfer.TransferMessage.Offer;
import dev.tether.examples.transfer.TransferMessage.Present;
import dev.tether.examples.transfer.TransferMessage.Stored;
import dev.tether.reactor.PeerConnection;
import io.netty.buffer.ByteBuf;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;
import reactor.util.function.Tuple2;

/**
 * Sends files to a {@link FileReceiver}, one after the other. Files are read on {@link Schedulers#boundedElastic()}, in
 * chunks as the connection asks for them; while one is sent, the next one is hashed.
 */
public final class FileSender {

    private static final int HASHED_AHEAD = 2;

    /** How long to wait before a file that the receiver is busy with is offered again. */
    private static final Duration BUSY_DELAY = Duration.ofMillis(500);

    /** Long enough to bring a large file to a slow disk; the connection itself is watched by the transport. */
    private static final Duration ANSWER_TIMEOUT = Duration.ofMinutes(2);

    private final PeerConnection connection;
    private final TransferListener listener;

    public FileSender(PeerConnection connection, TransferListener listener) {
        this.connection = connection;
        this.listener = listener;
    }

    /**
     * Sends files. Cold; takes the messages of the connection, and leaves it open.
     *
     * <p>Emits what has become of each, in their order: a file that the receiver refuses, or that cannot be read, does not
     * keep the others. Errors with the {@link TransportException} that ended the connection, or with a
     * {@link TransferException} when the other side is no receiver of files.
     */
    public Flux<FileResult> send(List<Path> files) {
        return Flux.fromIterable(files)
                .index()
                .flatMapSequential(this::describe, HASHED_AHEAD, 1)
                .concatMap(description -> description, 1)
                .doOnNext(listener::finished);
    }

    /** Checks what can be checked without a connection. Blocks. @throws TransferException naming the file and the problem */
    public static void requireReadable(Path file) {
        OfferedFile.requireReadableFile(file);
    }

    /** The name under which a file is offered to a receiver. */
    public static String nameOf(Path file) {
        return OfferedFile.nameOf(file);
    }

    /** The transfer of a file that has been hashed, ready to be subscribed to in its turn. */
    private Mono<Mono<FileResult>> describe(Tuple2<Long, Path> numbered) {
        Path path = numbered.getT2();
        return Mono.fromCallable(
                        () -> OfferedFile.describe(path, numbered.getT1().intValue()))
                .subscribeOn(Schedulers.boundedElastic())
                .map(file -> transfer(file, true))
                .onErrorResume(TransferException.class, e -> Mono.just(Mono.just(failed(OfferedFile.nameOf(path), e))));
    }

    /** @param first whether this is the first offer of the file, and not one after the receiver was busy with it */
    private Mono<FileResult> transfer(OfferedFile file, boolean first) {
        Offer offer = file.offer();
        return ask(offer, Mono.fromSupplier(() -> TransferCodec.encode(offer))).flatMap(answer -> {
            if (answer instanceof Accept accept) {
                return sendContent(file, accept);
            }
            if (answer instanceof Failed failed && failed.failure() == TransferFailure.BUSY) {
                if (first) {
                    listener.note(
                            offer.name() + ": the receiver still has it under way on another connection; waiting");
                }
                return Mono.delay(BUSY_DELAY).then(Mono.defer(() -> transfer(file, false)));
            }
            return Mono.just(result(offer, answer, 0, 0));
        });
    }

    private Mono<FileResult> sendContent(OfferedFile file, Accept accept) {
        Offer offer = file.offer();
        return Mono.fromCallable(() -> file.beginning(accept))
                .subscribeOn(Schedulers.boundedElastic())
                .flatMap(offset -> {
                    long beginNs = System.nanoTime();
                    listener.started(offer.name(), offset, offer.size());
                    Flux<ByteBuf> content = Flux.concat(
                            Mono.fromSupplier(() -> TransferCodec.encode(new Begin(offset))),
                            FileChunks.of(file.path(), offset, offer.size(), listener::progress));
                    return ask(offer, content).map(answer -> result(offer, answer, offset, beginNs));
                })
                .onErrorResume(TransferException.class, e -> giveUp(offer, e));
    }

    /** What was being sent cannot be read any more: says so, and goes on with the next file. */
    private Mono<FileResult> giveUp(Offer offer, TransferException cause) {
        if (cause.failure() != TransferFailure.READ_ERROR && cause.failure() != TransferFailure.CHANGED) {
            return Mono.error(cause);
        }
        Abort abort = new Abort(cause.failure(), "the file cannot be read any more, or has changed");
        return connection
                .send(Mono.fromSupplier(() -> TransferCodec.encode(abort)))
                .thenReturn(failed(offer.name(), cause));
    }

    /**
     * Sends messages, and takes the first answer to the offer but signs of life; if it comes early, no more messages are
     * taken from the publisher.
     */
    private Mono<Answer> ask(Offer offer, Publisher<ByteBuf> messages) {
        return Mono.defer(() -> {
            Sinks.Empty<Void> arrived = Sinks.empty();
            Mono<Answer> answer = connection
                    .receive()
                    .map(TransferCodec::decode)
                    .map(FileSender::requireAnswer)
                    .filter(any -> any.file() == offer.file())
                    // The time runs from the moment when everything has arrived, and from each sign of life.
                    .timeout(
                            arrived.asMono().then(Mono.delay(ANSWER_TIMEOUT)),
                            sign -> Mono.delay(ANSWER_TIMEOUT),
                            Mono.error(FileSender::noAnswer))
                    .filter(any -> !(any instanceof Checking))
                    .next()
                    .switchIfEmpty(Mono.error(FileSender::closed));
            Mono<Void> sending = connection.send(messages).doOnSuccess(nothing -> arrived.tryEmitEmpty());
            return Mono.firstWithSignal(answer, sending.then(Mono.never()));
        });
    }

    private static FileResult result(Offer offer, Answer answer, long offset, long beginNs) {
        if (answer instanceof Stored stored) {
            Duration elapsed = Duration.ofNanos(System.nanoTime() - beginNs);
            return new FileResult.Stored(stored.name(), offer.size(), offer.size() - offset, elapsed, offer.digest());
        }
        if (answer instanceof Present present) {
            return new FileResult.Present(present.name(), offer.size());
        }
        if (answer instanceof Failed failed) {
            return new FileResult.Failed(offer.name(), failed.failure(), failed.text());
        }
        throw new TransferException(TransferFailure.PROTOCOL, "the receiver breaks the file transfer protocol");
    }

    private static FileResult failed(String name, TransferException e) {
        return new FileResult.Failed(name, e.failure(), String.valueOf(e.getMessage()));
    }

    private static Answer requireAnswer(TransferMessage message) {
        if (message instanceof Answer answer) {
            return answer;
        }
        throw new TransferException(
                TransferFailure.PROTOCOL, "the other side is no receiver of files: it sends what only a sender sends");
    }

    private static TransferException closed() {
        return new TransferException(TransferFailure.INTERRUPTED, "the receiver closed without an answer");
    }

    private static TransferException noAnswer() {
        return new TransferException(
                TransferFailure.NO_ANSWER, "no answer within " + ANSWER_TIMEOUT.toMinutes() + " minutes");
    }
}
