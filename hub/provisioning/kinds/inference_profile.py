"""The application inference profile: one for each grant, tagged with whom it belongs to."""

from typing import Any

from hub.provisioning.found import Blocked, Found, check_owned, ours
from hub.provisioning.ground import Ground
from hub.provisioning.kinds.kind import Desired
from portal.aws import profiles


class InferenceProfile:
    def wanted(self, ground: Ground, desired: Desired) -> dict[str, Any]:
        return {"name": desired["name"], "model": desired["model_id"], "tags": ours(desired["tags"])}

    def observe(self, ground: Ground, desired: Desired) -> Found | None:
        """By ARN if it is known, else by name: a process may have died between making it and writing that down."""
        known = ground.grant.profile_arn
        profile = (profiles.get(ground.session, known) if known else None) or profiles.find(
            ground.session, desired["name"]
        )
        if profile is None:
            return None
        check_owned(ground.grant, profile.arn, profile.tags, f"An inference profile called {desired['name']}")
        model = profile.model_arns[0].rpartition("/")[2] if profile.model_arns else ""
        return Found(profile.arn, {"name": profile.name, "model": model, "tags": ours(profile.tags)})

    def create(self, ground: Ground, desired: Desired) -> None:
        profiles.create(
            ground.session,
            name=desired["name"],
            copy_from=desired["copy_from"],
            tags=desired["tags"],
            token=ground.token(desired["key"]),
        )

    def update(self, ground: Ground, desired: Desired, found: Found) -> None:
        if found.content["model"] != desired["model_id"]:
            raise Blocked(f"The profile {desired['name']} leads to {found.content['model']}, which was not approved.")
        profiles.tag(ground.session, found.arn, desired["tags"])
        # In our name, but not of the plan: who reads the bill would take it for ours.
        if strange := found.content["tags"].keys() - desired["tags"].keys():
            profiles.untag(ground.session, found.arn, strange)

    def delete(self, ground: Ground, desired: Desired) -> None:
        found = self.observe(ground, desired)
        if found:
            profiles.delete(ground.session, found.arn)
