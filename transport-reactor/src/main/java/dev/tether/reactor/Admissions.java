package dev.tether.reactor;

import dev.tether.core.endpoint.AdmissionRequest;
import dev.tether.core.endpoint.Endpoint;
import dev.tether.core.frame.TransportErrorCode;
import dev.tether.core.wire.Refusal;
import io.netty.util.collection.LongObjectHashMap;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.Exceptions;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * The application's decisions on attempts of peers, while they are being made: at most one for each peer, each with a time
 * limit. Whatever a decision comes to, short of being accepted, is a refusal. Everything here runs on the event loop, but
 * the application's publishers may decide on any thread.
 */
final class Admissions {

    private static final Logger log = LoggerFactory.getLogger(Admissions.class);

    private final ReactorNode node;
    private final Endpoint endpoint;
    private final Scheduler scheduler;
    private final Duration limit;
    private final @Nullable Function<? super ConnectionRequest, ? extends Publisher<Admission>> hook;
    private final LongObjectHashMap<Disposable> undecided = new LongObjectHashMap<>(4);
    private boolean stopped;

    Admissions(ReactorNode node, Endpoint endpoint, Scheduler scheduler, TransportConfig config) {
        this.node = node;
        this.endpoint = endpoint;
        this.scheduler = scheduler;
        this.limit = config.settings().admissionTimeout();
        this.hook = config.admission();
    }

    /** Asks for the decisions that the endpoint needs, and gives up those that it needs no more. */
    void drain() {
        for (AdmissionRequest request = endpoint.pollAdmissionRequest();
                request != null;
                request = endpoint.pollAdmissionRequest()) {
            ask(request);
        }
        for (AdmissionRequest request = endpoint.pollWithdrawnRequest();
                request != null;
                request = endpoint.pollWithdrawnRequest()) {
            Disposable decision = undecided.remove(request.id());
            if (decision != null) {
                decision.dispose();
            }
        }
    }

    /** Cancels all, and asks for no more: the node is gone. */
    void stop() {
        stopped = true;
        List<Disposable> all = List.copyOf(undecided.values());
        undecided.clear();
        all.forEach(Disposable::dispose);
    }

    private void ask(AdmissionRequest request) {
        if (stopped) {
            return;
        }
        // It may be decided before subscribe() returns.
        Disposable.Swap subscription = Disposables.swap();
        undecided.put(request.id(), subscription);
        subscription.replace(decision(request)
                .subscribe(refusal -> node.execute(() -> decide(request.id(), refusal.orElse(null)))));
    }

    private void decide(long requestId, @Nullable Refusal refusal) {
        if (undecided.remove(requestId) == null) {
            return;
        }
        if (refusal == null) {
            endpoint.accept(requestId, node.nowNs());
        } else {
            endpoint.refuse(requestId, refusal, node.nowNs());
        }
        node.adoptCreated();
    }

    /** Emits a refusal, or none for an acceptance; never completes empty, and never errors. */
    private Mono<Optional<Refusal>> decision(AdmissionRequest request) {
        Mono<Admission> application;
        try {
            application = application(request);
        } catch (Throwable error) {
            Exceptions.throwIfJvmFatal(error);
            log.warn("{} is refused, as its admission has thrown an exception", request, error);
            return Mono.just(failed("the admission has thrown an exception"));
        }
        return application
                .map(Admissions::refusalBy)
                .defaultIfEmpty(failed("the admission has completed without a decision"))
                .onErrorResume(error -> {
                    log.warn("{} is refused, as its admission has failed", request, error);
                    return Mono.just(failed("the admission has failed"));
                })
                .timeout(
                        limit,
                        Mono.just(failed("the admission was not decided within " + limit.toMillis() + " ms")),
                        scheduler);
    }

    private Mono<Admission> application(AdmissionRequest request) {
        ConnectionRequest asked = new ConnectionRequest(request.remoteIdentity(), request.remoteAddress());
        return hook == null ? Mono.empty() : Mono.from(hook.apply(asked));
    }

    private static Optional<Refusal> refusalBy(Admission admission) {
        return admission instanceof Admission.Refused it
                ? Optional.of(
                        new Refusal(TransportErrorCode.CONNECTION_REFUSED, OptionalLong.of(it.code()), it.reason()))
                : Optional.empty();
    }

    /** What the peer is told if the application has not refused, but has not accepted either. */
    private static Optional<Refusal> failed(String reason) {
        return Optional.of(new Refusal(TransportErrorCode.INTERNAL_ERROR, reason));
    }
}
