package dev.tether.reactor.simulation;

import dev.tether.core.simulation.Link;
import dev.tether.core.simulation.LinkSettings;

/** One direction of what is between two hosts: with the network's settings until it is given its own. */
final class DirectedLink {

    private final String name;
    private final Link link;
    private boolean overridden;

    DirectedLink(String name, Link link) {
        this.name = name;
        this.link = link;
    }

    String name() {
        return name;
    }

    Link link() {
        return link;
    }

    void override(LinkSettings settings) {
        overridden = true;
        link.change(settings);
    }

    void reset(LinkSettings settings) {
        overridden = false;
        link.change(settings);
    }

    void changeDefault(LinkSettings settings) {
        if (!overridden) {
            link.change(settings);
        }
    }
}
