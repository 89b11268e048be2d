"""The kiosk process: roster, consent, enrolment, withdrawal."""
