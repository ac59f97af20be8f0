package dev.tether.reactor;

import dev.tether.core.CloseReason;
import dev.tether.core.ConnectionState;
import dev.tether.core.error.MessageTooLargeException;
import dev.tether.core.error.OutboundOverflowException;
import dev.tether.core.error.StreamLimitException;
import dev.tether.core.error.TransportException;
import io.netty.buffer.ByteBuf;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SignalType;
import reactor.util.retry.Retry;

/** One run of {@link Relay#connections}: two connections, and all that goes from one to the other. */
final class RelayedConnections {

    private final PeerConnection a;
    private final PeerConnection b;

    RelayedConnections(PeerConnection a, PeerConnection b) {
        this.a = a;
        this.b = b;
    }

    /**
     * How a connection has ended, and what its end is to the other one.
     *
     * @param failure with which it has ended; null after a close
     */
    private record End(
            PeerConnection other,
            long code,
            String text,
            @Nullable Throwable failure) {

        static End closed(PeerConnection other, ConnectionState last) {
            CloseReason reason = last instanceof ConnectionState.Closing closing ? closing.reason() : null;
            return reason == null ? new End(other, 0, "", null) : new End(other, reason.code(), reason.text(), null);
        }

        static End failed(PeerConnection other, Throwable failure) {
            return new End(other, Relay.FAILED, "the relay has lost the other peer", failure);
        }

        /** Closes the other connection; errors if this one has failed. */
        Mono<Void> pass(boolean delivered) {
            Mono<Void> closed = delivered || code != 0
                    ? other.close(code, text)
                    : other.close(
                            Relay.FAILED,
                            "the relay could not deliver all within " + Relay.DELIVERY_LIMIT.toSeconds() + " s");
            return failure == null ? closed : closed.then(Mono.error(failure));
        }
    }

    /** Cold, for one subscription. */
    Mono<Void> run() {
        Mono<End> first = Mono.firstWithSignal(endOf(a, b), endOf(b, a)).cache();
        // Each ends by itself when one connection has, and what that had received is delivered.
        Mono<Boolean> delivered = Mono.when(forward(a, b), forward(b, a))
                .thenReturn(true)
                .takeUntilOther(first.flatMap(end -> deliveryLimit(end.other())))
                .defaultIfEmpty(false);
        return Mono.zip(first, delivered)
                .onErrorResume(failure ->
                        (isInUse(failure) ? Mono.empty() : closeBoth(failure.getMessage())).then(Mono.error(failure)))
                .doFinally(signal -> {
                    if (signal == SignalType.CANCEL) {
                        closeBoth("the relay was stopped").subscribe();
                    }
                })
                .flatMap(ended -> ended.getT1().pass(ended.getT2()).doFinally(signal -> dropUnread()));
    }

    private static Mono<End> endOf(PeerConnection connection, PeerConnection other) {
        return connection
                .states()
                .last()
                .map(state -> End.closed(other, state))
                .onErrorResume(failure -> Mono.just(End.failed(other, failure)));
    }

    private static Mono<Boolean> deliveryLimit(PeerConnection connection) {
        Mono<?> time = connection instanceof ReactivePeerConnection reactive
                ? reactive.delay(Relay.DELIVERY_LIMIT)
                : Mono.delay(Relay.DELIVERY_LIMIT);
        return time.thenReturn(true);
    }

    /** Whether somebody else receives from one of the connections, who is not to be disturbed. */
    private static boolean isInUse(Throwable failure) {
        return failure instanceof IllegalStateException;
    }

    private Mono<Void> closeBoth(@Nullable String reason) {
        String text = reason == null ? "" : reason;
        return Mono.when(a.close(Relay.FAILED, text), b.close(Relay.FAILED, text))
                .doFinally(signal -> dropUnread());
    }

    /** What could not be handed on, and nobody else will take. */
    private void dropUnread() {
        for (PeerConnection connection : List.of(a, b)) {
            connection.receive().subscribe(message -> {}, failure -> {});
            connection.streams().subscribe(stream -> abandon(stream, Relay.FAILED), failure -> {});
        }
    }

    /** Errors only if it is not one of the connections that has ended, or one stream. */
    private static Mono<Void> forward(PeerConnection from, PeerConnection to) {
        // A message that is too large is a failure of the relay: whoever sent it would believe that it has arrived.
        Mono<Void> messages = to.send(RelayedBytes.of(from))
                .onErrorResume(failure -> isEnd(failure) ? Mono.empty() : Mono.error(failure));
        Mono<Void> streams = from.streams()
                .takeUntilOther(to.onClose().onErrorComplete().thenReturn(true))
                .onErrorComplete(TransportException.class)
                .flatMap(stream -> relay(stream, to), Integer.MAX_VALUE)
                .then();
        return Mono.when(messages, streams, datagrams(from, to));
    }

    /** What is lost is lost, as on a path. */
    private static Mono<Void> datagrams(PeerConnection from, PeerConnection to) {
        return to.sendDatagram(from.receiveDatagrams()
                        .filter(datagram -> datagram.readableBytes() <= to.maxDatagramSize())
                        .doOnNext(ByteBuf::retain))
                // The path has become smaller meanwhile.
                .retryWhen(Retry.indefinitely().filter(MessageTooLargeException.class::isInstance))
                .onErrorComplete(TransportException.class);
    }

    /** Whether an error of a send is the end of its connection, of which the states tell, too. */
    private static boolean isEnd(Throwable failure) {
        return failure instanceof TransportException
                && !(failure instanceof MessageTooLargeException)
                && !(failure instanceof OutboundOverflowException);
    }

    private static Mono<Void> relay(PeerStream stream, PeerConnection to) {
        boolean bothWays = stream.isBidirectional();
        return Relay.onLoopOf(to, bothWays ? to.openStream() : to.openUniStream())
                .retryWhen(Retry.indefinitely().filter(StreamLimitException.class::isInstance))
                .doOnError(failure -> abandon(stream, Relay.FAILED))
                .flatMap(there -> bothWays ? Relay.join(stream, there) : Relay.pipe(stream, there))
                .doFinally(signal -> {
                    if (signal == SignalType.CANCEL) {
                        abandon(stream, PeerStream.CANCELLED);
                    }
                })
                .onErrorComplete();
    }

    private static void abandon(PeerStream stream, long code) {
        stream.cancel(code);
        stream.reset(code);
    }
}
