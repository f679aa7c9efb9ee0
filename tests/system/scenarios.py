"""
scenarios - all of the campaign, by name.
"""

import broken
import campaign
import crowds

SCENARIOS = {s.NAME: s for s in (*campaign.SCENARIOS.values(),
                                 *crowds.SCENARIOS, *broken.SCENARIOS)}
