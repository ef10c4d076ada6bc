package io.deviceregistry.bootstrap.architecture.broken.adapter.in.one;

import io.deviceregistry.bootstrap.architecture.broken.adapter.out.two.PublicAdapter;
import io.deviceregistry.bootstrap.architecture.broken.application.service.FrameworkInApplication;
import io.deviceregistry.bootstrap.architecture.broken.bootstrap.Wiring;

class AdapterKnowsAdapter {
    PublicAdapter adapter = new PublicAdapter();
    FrameworkInApplication service = new FrameworkInApplication();
    Wiring wiring = new Wiring();
}
