/* SPDX-License-Identifier: MIT */
/* Class objects, identities, reference counts, shortage of memory: ddi-user.md 15 items 1, 2; native-behaviour.md A 1-5. */
#include "base/alloc.h"
#include "doubles.h"

static const CLSID *const classes[] = {&CLSID_DirectMusicSynth, &CLSID_DirectMusicSynthSink};

static void test_item_1_A1_outer_unknown_is_refused(void)
{
    struct test_clock outer = test_clock_make(0);
    for (int i = 0; i < 2; i++) {
        void *object = &outer;
        CHECK_EQ(user_create_instance(classes[i], (IUnknown *)&outer.iface_member, &IID_IUnknown, &object), (HRESULT)0x80040110);
        CHECK(object == NULL);
    }
    CHECK_EQ(outer.refs, 1);
}

static void test_A2_unknown_interface_and_class_are_refused(void)
{
    for (int i = 0; i < 2; i++) {
        void *object = &object;
        CHECK_EQ(user_create_instance(classes[i], NULL, &IID_IReferenceClock, &object), E_NOINTERFACE);
        CHECK(object == NULL);
    }
    void *object = &object;
    CHECK_EQ(user_create_instance(&IID_IUnknown, NULL, &IID_IUnknown, &object), (HRESULT)0x80040111);
    CHECK(object == NULL);
    CHECK_EQ(user_create_instance(&CLSID_DirectMusicSynth, NULL, &IID_IUnknown, NULL), E_POINTER);
    CHECK_EQ(user_live_objects(), 0);
}

static void test_item_2_A3_interfaces_of_the_synth(void)
{
    const IID *const has[] = {&IID_IUnknown, &IID_IDirectMusicSynth, &IID_IDirectMusicSynth8, &IID_IKsControl,
                              &IID_IDmusSynthControl};
    const IID *const lacks[] = {&IID_IDirectMusicSynthSink, &IID_IReferenceClock, &IID_IClassFactory, &IID_IDmusSinkControl};
    for (size_t i = 0; i < sizeof has / sizeof has[0]; i++) {
        IUnknown *object = NULL;
        CHECK_EQ(user_create_instance(&CLSID_DirectMusicSynth, NULL, has[i], (void **)&object), S_OK);
        for (size_t k = 0; k < sizeof has / sizeof has[0]; k++) {
            IUnknown *other = NULL;
            CHECK_EQ(IUnknown_QueryInterface(object, has[k], (void **)&other), S_OK);
            if (other)
                IUnknown_Release(other);
        }
        for (size_t k = 0; k < sizeof lacks / sizeof lacks[0]; k++) {
            void *other = object;
            CHECK_EQ(IUnknown_QueryInterface(object, lacks[k], &other), E_NOINTERFACE);
            CHECK(other == NULL);
        }
        CHECK_EQ(IUnknown_Release(object), 0);
    }
}

static void test_A4_interfaces_of_the_sink(void)
{
    const IID *const has[] = {&IID_IUnknown, &IID_IDirectMusicSynthSink, &IID_IKsControl, &IID_IDmusSinkControl};
    const IID *const lacks[] = {&IID_IReferenceClock, &IID_IDirectMusicSynth, &IID_IDmusSynthControl};
    IUnknown *object = NULL;
    CHECK_EQ(user_create_instance(&CLSID_DirectMusicSynthSink, NULL, &IID_IUnknown, (void **)&object), S_OK);
    for (size_t k = 0; k < sizeof has / sizeof has[0]; k++) {
        IUnknown *other = NULL;
        CHECK_EQ(IUnknown_QueryInterface(object, has[k], (void **)&other), S_OK);
        if (other)
            IUnknown_Release(other);
    }
    for (size_t k = 0; k < sizeof lacks / sizeof lacks[0]; k++) {
        void *other = object;
        CHECK_EQ(IUnknown_QueryInterface(object, lacks[k], &other), E_NOINTERFACE);
        CHECK(other == NULL);
    }
    CHECK_EQ(IUnknown_QueryInterface(object, &IID_IUnknown, NULL), E_POINTER);
    CHECK_EQ(IUnknown_Release(object), 0);
}

static ULONG count_of(void *object)
{
    IUnknown_AddRef((IUnknown *)object);
    return IUnknown_Release((IUnknown *)object);
}

static void test_A5_one_count_and_one_identity_per_object(void)
{
    for (int i = 0; i < 2; i++) {
        IUnknown *object, *from_control;
        IKsControl *control;
        CHECK_EQ(user_create_instance(classes[i], NULL, &IID_IUnknown, (void **)&object), S_OK);
        CHECK_EQ(count_of(object), 1);
        CHECK_EQ(IUnknown_QueryInterface(object, &IID_IKsControl, (void **)&control), S_OK);
        CHECK_EQ(count_of(object), 2);
        CHECK_EQ(count_of(control), 2);
        CHECK_EQ(IKsControl_QueryInterface(control, &IID_IUnknown, (void **)&from_control), S_OK);
        CHECK(from_control == object);
        CHECK_EQ(IUnknown_Release(from_control), 2);
        CHECK_EQ(IKsControl_Release(control), 1);
        CHECK_EQ(IUnknown_Release(object), 0);
    }
}

static void test_class_objects_and_live_objects(void)
{
    CHECK_EQ(user_live_objects(), 0);
    for (int i = 0; i < 2; i++) {
        IClassFactory *factory = NULL;
        IUnknown *object = NULL;
        CHECK_EQ(user_get_class_object(classes[i], &IID_IClassFactory, (void **)&factory), S_OK);
        CHECK_EQ(user_live_objects(), 1); /* a class object alone keeps the library */
        CHECK_EQ(IClassFactory_CreateInstance(factory, NULL, &IID_IUnknown, (void **)&object), S_OK);
        CHECK_EQ(user_live_objects(), 2);
        CHECK_EQ(IClassFactory_LockServer(factory, TRUE), S_OK);
        CHECK_EQ(user_live_objects(), 3);
        CHECK_EQ(IUnknown_Release(object), 0);
        CHECK_EQ(IClassFactory_LockServer(factory, FALSE), S_OK);
        CHECK_EQ(user_live_objects(), 1);
        void *other = factory;
        CHECK_EQ(IClassFactory_QueryInterface(factory, &IID_IKsControl, &other), E_NOINTERFACE);
        CHECK(other == NULL);
        CHECK_EQ(IClassFactory_AddRef(factory), 2);
        CHECK_EQ(IClassFactory_Release(factory), 1);
        CHECK_EQ(IClassFactory_QueryInterface(factory, &IID_IUnknown, (void **)&object), S_OK);
        CHECK_EQ(IClassFactory_Release(factory), 1);
        CHECK_EQ(user_live_objects(), 1);
        CHECK_EQ(IUnknown_Release(object), 0);
        CHECK_EQ(user_live_objects(), 0);
    }
    void *none = &none;
    CHECK_EQ(user_get_class_object(&IID_IUnknown, &IID_IClassFactory, &none), CLASS_E_CLASSNOTAVAILABLE);
    CHECK(none == NULL);
}

static void test_system_clock(void)
{
    IReferenceClock *clock = NULL;
    REFERENCE_TIME last = 0, now;
    CHECK_EQ(user_create_system_clock(NULL), E_POINTER);
    CHECK_EQ(user_create_system_clock(&clock), S_OK);
    CHECK_EQ(IReferenceClock_GetTime(clock, NULL), E_POINTER);
    CHECK_EQ(IReferenceClock_GetTime(clock, &last), S_OK);
    for (int i = 0; i < 2000; i++) {
        HRESULT hr = IReferenceClock_GetTime(clock, &now);
        CHECK(now >= last);
        CHECK_EQ(hr, now == last ? S_FALSE : S_OK);
        last = now;
    }
    DWORD cookie;
    CHECK_EQ(IReferenceClock_AdviseTime(clock, 1, 1, NULL, &cookie), E_NOTIMPL);
    CHECK_EQ(IReferenceClock_AdvisePeriodic(clock, 1, 1, NULL, &cookie), E_NOTIMPL);
    CHECK_EQ(IReferenceClock_Unadvise(clock, 0), E_NOTIMPL);
    CHECK_EQ(IReferenceClock_Release(clock), 0);
}

static void test_creation_without_memory(void)
{
    for (int i = 0; i < 2; i++) {
        for (long n = 1;; n++) {
            long live = dm_alloc_live();
            void *object = &object;
            dm_alloc_fail_at(n, true);
            HRESULT hr = user_create_instance(classes[i], NULL, &IID_IUnknown, &object);
            dm_alloc_fail_at(0, false);
            if (hr == S_OK) {
                CHECK(n > 1);
                IUnknown_Release((IUnknown *)object);
                break;
            }
            CHECK_EQ(hr, E_OUTOFMEMORY);
            CHECK(object == NULL);
            CHECK_EQ(dm_alloc_live(), live);
            CHECK_EQ(user_live_objects(), 0);
        }
    }
    IReferenceClock *clock;
    dm_alloc_fail_at(1, true);
    CHECK_EQ(user_create_system_clock(&clock), E_OUTOFMEMORY);
    dm_alloc_fail_at(0, false);
    CHECK(clock == NULL);
}

/* The same classes under our own names: only what a host sees of the name differs. */
static void test_classes_of_our_own(void)
{
    IDirectMusicSynth *synth = NULL;
    IDirectMusicSynthSink *sink = NULL;
    DMUS_PORTCAPS caps = {.dwSize = sizeof caps}, same = {.dwSize = sizeof same};
    const char *const name = "OpenDMus Synthesizer";
    CHECK_EQ(user_create_instance(&CLSID_DirectMusicSynth, NULL, &IID_IDirectMusicSynth, (void **)&synth), S_OK);
    CHECK_EQ(IDirectMusicSynth_GetPortCaps(synth, &same), S_OK);
    CHECK(memcmp(&same.guidPort, &CLSID_DirectMusicSynth, sizeof same.guidPort) == 0);
    CHECK_EQ(IDirectMusicSynth_Release(synth), 0);
    CHECK_EQ(user_create_instance(&CLSID_OpenDMusSynth, NULL, &IID_IDirectMusicSynth, (void **)&synth), S_OK);
    CHECK_EQ(IDirectMusicSynth_GetPortCaps(synth, &caps), S_OK);
    CHECK(memcmp(&caps.guidPort, &CLSID_OpenDMusSynth, sizeof caps.guidPort) == 0);
    for (size_t i = 0; i <= strlen(name); i++)
        CHECK_EQ(caps.wszDescription[i], name[i]);
    CHECK_EQ(caps.dwFlags, same.dwFlags);
    CHECK_EQ(caps.dwMaxVoices, same.dwMaxVoices);
    CHECK_EQ(user_create_instance(&CLSID_OpenDMusSynthSink, NULL, &IID_IDirectMusicSynthSink, (void **)&sink), S_OK);
    CHECK_EQ(IDirectMusicSynthSink_Release(sink), 0);
    CHECK_EQ(IDirectMusicSynth_Release(synth), 0);
    CHECK_EQ(user_live_objects(), 0);
}

/* 10 samples at 22050 Hz: 4000 on the native grid, 4536 exactly. */
static void test_profile_by_default(void)
{
    for (DWORD profile = 2; profile-- > 0;) {
        IDmusSynthControl *control = NULL;
        IDirectMusicSynthSink *sink = NULL;
        DMUS_SYNTHCONFIG config = {.dwSize = sizeof config};
        REFERENCE_TIME time = 0;
        user_set_default_profile(profile);
        CHECK_EQ(user_create_instance(&CLSID_DirectMusicSynth, NULL, &IID_IDmusSynthControl, (void **)&control), S_OK);
        CHECK_EQ(control->lpVtbl->GetConfig(control, &config), S_OK);
        CHECK_EQ(config.dwProfile, profile);
        CHECK_EQ(config.dwDither, 2);
        CHECK_EQ(user_create_instance(&CLSID_DirectMusicSynthSink, NULL, &IID_IDirectMusicSynthSink, (void **)&sink), S_OK);
        CHECK_EQ(IDirectMusicSynthSink_SampleToRefTime(sink, 10, &time), S_OK);
        CHECK_EQ(time, profile == DMUS_PROFILE_STUDIO ? 4536 : 4000);
        IDirectMusicSynthSink_Release(sink);
        control->lpVtbl->Release(control);
    }
}

int main(void)
{
    RUN(test_item_1_A1_outer_unknown_is_refused);
    RUN(test_A2_unknown_interface_and_class_are_refused);
    RUN(test_item_2_A3_interfaces_of_the_synth);
    RUN(test_A4_interfaces_of_the_sink);
    RUN(test_A5_one_count_and_one_identity_per_object);
    RUN(test_class_objects_and_live_objects);
    RUN(test_classes_of_our_own);
    RUN(test_profile_by_default);
    RUN(test_system_clock);
    RUN(test_creation_without_memory);
    return tap_done();
}
