package dev.tether.reactor;

import io.netty.buffer.ByteBuf;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;

/** A send: each subscription takes a {@link SendSubscriber} to the event loop, and subscribes it to what is to be sent. */
final class SendMono extends Mono<Void> {

    private final Publisher<? extends ByteBuf> elements;
    private final NodeLoop loop;
    private final Function<SendSubscriber, @Nullable RuntimeException> begin;
    private final Consumer<SendSubscriber> onReady;
    private final int maxDemand;

    /**
     * @param begin has the send begin on the event loop; answers why that will not happen, null if it will
     * @param onReady is called on the event loop when there may be elements, or the end
     * @param maxDemand the most elements that are asked for ahead, if there may be several
     */
    SendMono(
            Publisher<? extends ByteBuf> elements,
            NodeLoop loop,
            Function<SendSubscriber, @Nullable RuntimeException> begin,
            Consumer<SendSubscriber> onReady,
            int maxDemand) {
        this.elements = elements;
        this.loop = loop;
        this.begin = begin;
        this.onReady = onReady;
        this.maxDemand = elements instanceof Mono<?> ? 1 : maxDemand;
    }

    @Override
    public void subscribe(CoreSubscriber<? super Void> actual) {
        SendSubscriber send = new SendSubscriber(actual, loop, onReady, maxDemand);
        actual.onSubscribe(send);
        RuntimeException refusal = begin.apply(send);
        if (refusal == null) {
            elements.subscribe(send);
        } else {
            send.fail(refusal);
        }
    }
}
