package dev.tether.reactor.simulation;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;

/** A subscriber that gets as much as it is told to ask for, and keeps what comes: its content, and the released buffer. */
class BufferReader implements CoreSubscriber<ByteBuf> {

    final List<byte[]> read = new ArrayList<>();
    final List<ByteBuf> buffers = new ArrayList<>();
    boolean completed;

    @Nullable
    Throwable failure;

    @Nullable
    Subscription subscription;

    boolean isOver() {
        return completed || failure != null;
    }

    void request(long n) {
        if (subscription != null) {
            subscription.request(n);
        }
    }

    void cancel() {
        if (subscription != null) {
            subscription.cancel();
        }
    }

    @Override
    public void onSubscribe(Subscription subscription) {
        this.subscription = subscription;
    }

    @Override
    public void onNext(ByteBuf buffer) {
        read.add(ByteBufUtil.getBytes(buffer));
        buffers.add(buffer);
    }

    @Override
    public void onError(Throwable failure) {
        this.failure = failure;
    }

    @Override
    public void onComplete() {
        completed = true;
    }
}
