package dev.tether.examples.transfer;

import dev.tether.core.TransportSettings;
import dev.tether.core.error.TransportException;
import dev.tether.examples.transfer.TransferMessage.Answer;
import dev.tether.reactor.PeerConnection;
import io.netty.buffer.ByteBuf;
import java.nio.file.Path;
import java.util.concurrent.ArrayBlockingQueue;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.publisher.Sinks.EmitResult;
import reactor.core.scheduler.Schedulers;

/**
 * Receives files into a directory, from any number of connections at once. All work on the disk is done by
 * {@link Schedulers#boundedElastic()}; a slow disk stops the senders through their connections' windows, and at most
 * {@value #PREFETCH} messages of a connection wait for it.
 */
public final class FileReceiver {

    private static final int PREFETCH = 32;

    /** A sender has one file under way, so more answers than these are not waiting unless it does not read them. */
    private static final int MAX_ANSWERS = 16;

    private final ReceiveDirectory directory;

    /**
     * A receiver.
     *
     * @param directory where the files go; must be there
     */
    public FileReceiver(Path directory, ConflictPolicy policy) {
        this.directory = new ReceiveDirectory(directory.toAbsolutePath().normalize(), policy, System::nanoTime);
    }

    /** The settings of a node that receives files: a message of a size that no sender uses is refused at the door. */
    public static TransportSettings.Builder settings(TransportSettings.Builder settings) {
        return settings.maxMessageSize(TransferCodec.MAX_MESSAGE);
    }

    /**
     * Receives the files of one sender. Cold; takes the messages of the connection until it ends.
     *
     * <p>Completes with the summary when the sender has closed after its last file. Errors with the
     * {@link TransportException} that ended the connection, or with a {@link TransferException} when the sender breaks the
     * protocol or closes in the middle of a file; the connection is not closed by that. What has arrived of an incomplete
     * file stays on the disk, and the listener is told.
     */
    public Mono<SessionSummary> serve(PeerConnection connection, TransferListener listener) {
        return Mono.defer(() -> {
            Sinks.Many<ByteBuf> answers =
                    Sinks.many().unicast().onBackpressureBuffer(new ArrayBlockingQueue<>(MAX_ANSWERS));
            ReceiveSession session =
                    new ReceiveSession(directory, listener, answer -> emit(answers, answer), System::nanoTime);
            // An error of the connection ends receive(), too, after what has arrived before it.
            Mono<Void> outgoing = connection.send(answers.asFlux()).onErrorComplete(TransportException.class);
            Mono<SessionSummary> incoming = connection
                    .receive()
                    .retain()
                    .publishOn(Schedulers.boundedElastic(), PREFETCH)
                    .doOnDiscard(ByteBuf.class, ByteBuf::release)
                    .doOnNext(message -> handle(session, message))
                    .then(Mono.fromCallable(() -> summarize(session)))
                    .doFinally(signal -> {
                        session.close();
                        answers.tryEmitComplete();
                    });
            return Mono.zip(incoming, outgoing.thenReturn(true)).map(both -> both.getT1());
        });
    }

    private static void handle(ReceiveSession session, ByteBuf message) {
        try {
            session.handle(TransferCodec.decode(message));
        } finally {
            message.release();
        }
    }

    private static SessionSummary summarize(ReceiveSession session) {
        @Nullable String incomplete = session.close();
        if (incomplete != null) {
            throw new TransferException(
                    TransferFailure.INTERRUPTED, "the sender closed in the middle of " + incomplete);
        }
        return session.summary();
    }

    private static void emit(Sinks.Many<ByteBuf> answers, Answer answer) {
        ByteBuf message = TransferCodec.encode(answer);
        EmitResult result = answers.tryEmitNext(message);
        if (result.isSuccess()) {
            return;
        }
        message.release();
        switch (result) {
            case FAIL_OVERFLOW ->
                throw new TransferException(TransferFailure.PROTOCOL, "the sender does not read its answers");
            case FAIL_CANCELLED, FAIL_TERMINATED, FAIL_ZERO_SUBSCRIBER -> {
                // The connection has ended, and receive() is about to say why.
            }
            default -> throw new IllegalStateException("answers are emitted by two threads: " + result);
        }
    }
}
