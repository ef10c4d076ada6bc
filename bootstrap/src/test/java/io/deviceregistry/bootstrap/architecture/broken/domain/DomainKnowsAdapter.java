package io.deviceregistry.bootstrap.architecture.broken.domain;

import io.deviceregistry.bootstrap.architecture.broken.adapter.out.two.PublicAdapter;

class DomainKnowsAdapter {
    PublicAdapter adapter = new PublicAdapter();
}
